// SPDX-License-Identifier: MIT

import CCurl

extension HTTPClientRequest {
  /// Sets everything on `easy` but the callbacks.
  ///
  /// - Returns: the header list, which must live as long as the transfer.
  /// - Throws: `invalidRequest`.
  func configure(
    _ easy: UnsafeMutableRawPointer
  ) throws(HTTPClientError) -> UnsafeMutablePointer<curl_slist>? {
    guard ccurl_set_string(easy, CURLOPT_URL, url) == CURLE_OK, !url.utf8.contains(0),
      ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK,
      ccurl_set_string(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK
    else { throw HTTPClientError(.invalidRequest, "the URL cannot be used") }
    // A signal for a name look-up's timeout would hit any thread.
    _ = ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    _ = ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    _ = ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, redirectsMaximum > 0 ? 1 : 0)
    _ = ccurl_set_long(easy, CURLOPT_MAXREDIRS, redirectsMaximum)
    setTimeouts(easy)
    setVersion(easy)
    switch proxy {
    case .environment: break
    case .none: _ = ccurl_set_string(easy, CURLOPT_PROXY, "")
    case .url(let address): _ = ccurl_set_string(easy, CURLOPT_PROXY, address)
    }
    switch trust {
    case .system: break
    case .authorities(let file): _ = ccurl_set_string(easy, CURLOPT_CAINFO, file)
    case .unverified:
      _ = ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0)
      _ = ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0)
    }
    try setMethod(easy)
    let list = try headerList()
    _ = ccurl_set_list(easy, CURLOPT_HTTPHEADER, list)
    return list
  }

  private func setTimeouts(_ easy: UnsafeMutableRawPointer) {
    _ = ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, connectTimeoutMilliseconds))
    _ = ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, max(0, totalTimeoutMilliseconds))
    if stallTimeoutMilliseconds > 0 {
      _ = ccurl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
      _ = ccurl_set_long(easy, CURLOPT_LOW_SPEED_TIME, (stallTimeoutMilliseconds + 999) / 1_000)
    }
  }

  private func setVersion(_ easy: UnsafeMutableRawPointer) {
    let number =
      switch version {
      case .automatic: CURL_HTTP_VERSION_2TLS
      case .http11: CURL_HTTP_VERSION_1_1
      case .http2: CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
      }
    _ = ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(number))
  }

  private func setMethod(_ easy: UnsafeMutableRawPointer) throws(HTTPClientError) {
    guard !method.isEmpty, method.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw HTTPClientError(.invalidRequest, "the method is no token")
    }
    if method == "HEAD" {
      _ = ccurl_set_long(easy, CURLOPT_NOBODY, 1)
      return
    }
    if !body.isEmpty {
      _ = ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, body.count)
      body.withUnsafeBytes { bytes in
        let source = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        _ = ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, source)
      }
    } else if method == "POST" {
      _ = ccurl_set_string(easy, CURLOPT_COPYPOSTFIELDS, "")
    }
    // After the body, which would make it a POST.
    _ = ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, method)
  }

  private func headerList() throws(HTTPClientError) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    var names: Set<String> = []
    for (name, value) in headers {
      let isClean =
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x3a }
        && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
      if !isClean {
        ccurl_slist_free_all(list)
        throw HTTPClientError(.invalidRequest, "the header `\(name)` has a forbidden character")
      }
      names.insert(name.lowercased())
      // A semicolon is how curl is told that the value is empty on purpose.
      list = ccurl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    // curl's own ideas, unless asked for: a form's type, and a wait of a second for leave to send.
    for name in ["content-type", "expect"] where !names.contains(name) {
      list = ccurl_slist_append(list, "\(name):")
    }
    return list
  }
}
