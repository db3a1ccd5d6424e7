// SPDX-License-Identifier: MIT

internal import JSON

extension JSONFragment {
  /// An object that is built.
  static func object(_ body: (inout JSONBuilder) -> Void) -> JSONFragment {
    var json = JSONBuilder()
    json.object(body)
    return JSONFragment(validated: json.finish()[...])
  }

  static func string(_ text: String) -> JSONFragment {
    var json = JSONBuilder()
    json.string(text)
    return JSONFragment(validated: json.finish()[...])
  }
}
