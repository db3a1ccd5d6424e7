// SPDX-License-Identifier: MIT

internal import Routing
internal import Telemetry

/// Why an attempt at an upstream failed.
enum UpstreamFailure: UInt8 {
  case unresolvable
  case unreachable
  case refused
  // TLS, from here to `tlsFailed`.
  case certificateName
  case certificateTime
  case certificateUntrusted
  case notTLS
  case tlsFailed
  case overCapacity
  /// The gateway has no credential for it.
  case noCredential
  /// The request could not be signed.
  case unsigned
  case connectTimeout
  case firstHeaderTimeout
  case firstTokenTimeout
  case stalled
  /// The request's total time is over: no further attempt.
  case totalTimeout
  /// Reset, or another socket error.
  case reset
  /// FIN before the answer was complete.
  case ended
  case malformedHead
  case malformedBody
  /// A 2xx that is no JSON document (an HTML page of some proxy in between).
  case notJSON
  /// A 2xx that carries an error object.
  case errorObject
  /// A stream whose first event is an error.
  case errorEvent
  /// 401 or 403: the gateway's credential is bad, not the client's.
  case authentication
  /// 404 without a word: nothing of the API is at the address.
  case nothingThere
  /// 429.
  case rateLimited
  /// Any other 5xx, or 408.
  case serverError

  var metric: Telemetry.AttemptOutcome {
    switch self {
    case .unresolvable, .unreachable, .refused, .certificateName, .certificateTime,
      .certificateUntrusted, .notTLS, .tlsFailed, .overCapacity, .noCredential, .unsigned:
      .connectFailed
    case .connectTimeout, .firstHeaderTimeout, .firstTokenTimeout, .stalled, .totalTimeout:
      .timedOut
    case .reset, .ended: .interrupted
    case .malformedHead, .malformedBody, .notJSON: .malformed
    case .errorObject, .errorEvent, .serverError: .serverError
    case .authentication, .nothingThere: .clientError
    case .rateLimited: .rateLimited
    }
  }

  /// What the client is told when no attempt is left.
  var kind: GatewayErrorKind {
    switch self {
    case .unresolvable, .unreachable, .refused, .certificateName, .certificateTime,
      .certificateUntrusted, .notTLS, .tlsFailed:
      .upstreamUnreachable
    case .overCapacity: .overloaded
    case .noCredential: .credentialUnavailable
    case .unsigned: .internalError
    case .connectTimeout, .firstHeaderTimeout, .firstTokenTimeout: .upstreamTimeout
    case .stalled: .streamStalled
    case .totalTimeout: .streamTimeout
    case .reset: .upstreamReset
    case .ended: .upstreamIncomplete
    case .malformedHead, .malformedBody, .notJSON: .upstreamMalformed
    case .authentication: .upstreamAuthentication
    case .nothingThere: .upstreamRefused
    case .errorObject, .errorEvent, .rateLimited, .serverError: .upstreamError
    }
  }

  var sentence: String {
    switch self {
    case .unresolvable: "its host name could not be resolved"
    case .unreachable: "no connection could be made"
    case .refused: "its address refuses connections"
    case .certificateName: "its TLS certificate is for another host name"
    case .certificateTime: "its TLS certificate is not valid at this time"
    case .certificateUntrusted: "its TLS certificate is not trusted"
    case .notTLS: "it does not speak TLS on this port"
    case .tlsFailed: "TLS could not be agreed on"
    case .overCapacity: "the gateway holds as many connections to it as it may"
    case .noCredential: "the gateway has no credential for it"
    case .unsigned: "the request could not be signed"
    case .connectTimeout: "no connection could be made in time"
    case .firstHeaderTimeout: "it did not answer in time"
    case .firstTokenTimeout: "the first event of its stream did not come in time"
    case .stalled: "it stopped sending in the middle of its answer"
    case .totalTimeout: "the request's total time is over"
    case .reset: "the connection broke"
    case .ended: "it closed the connection before its answer was complete"
    case .malformedHead: "it did not answer in valid HTTP"
    case .malformedBody: "the body of its answer was malformed or too large"
    case .notJSON: "it answered with something that is not JSON"
    case .errorObject: "it answered 200 with an error in the body"
    case .errorEvent: "its stream began with an error"
    case .authentication: "it refused the gateway's own credential"
    case .nothingThere: "it has nothing at this address"
    case .rateLimited: "it is limiting the rate of requests"
    case .serverError: "it answered with a server error"
    }
  }

  /// What an operator should look at; empty where the upstream alone can help.
  var help: String {
    switch self {
    case .unresolvable: "is the host of its `base_url` right?"
    case .unreachable, .refused, .connectTimeout:
      "is its `base_url` right, and does the network lead there? Proxies that the environment "
        + "names are not used"
    case .certificateUntrusted: "the variable SSL_CERT_FILE names a file of authorities to trust"
    case .certificateName: "its `base_url` must have the name that the certificate is for"
    case .certificateTime: "is this machine's clock right?"
    case .notTLS: "its `base_url` may have to begin with http://"
    case .authentication: "is its key right, and may it use the model?"
    case .nothingThere, .notJSON: "is the path of its `base_url` right?"
    case .overCapacity: "`limits.upstream_connections` is the bound"
    case .firstHeaderTimeout: "`timeouts.first_header` is the bound"
    case .firstTokenTimeout: "`timeouts.first_token` is the bound"
    case .stalled: "`timeouts.between_tokens` is the bound"
    default: ""
    }
  }

  /// Whether it says nothing about the upstream: its circuit is not to open.
  var isOurs: Bool { self == .overCapacity || self == .noCredential || self == .unsigned }

  /// Whether the upstream itself wrote an answer that can be passed on.
  var hasAnswer: Bool {
    switch self {
    case .rateLimited, .serverError: true
    default: false
    }
  }
}
