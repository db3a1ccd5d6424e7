// SPDX-License-Identifier: MIT

internal import JSON

/// Parameters of Ollama's own that clients send along: `keep_alive`, `truncate`, `shift`, and what
/// stands in `options`, there or, as LiteLLM's clients have it, on its own.
struct OllamaExtras {
  private(set) var root: [OtherParameter] = []
  private(set) var options: [OtherParameter] = []
  /// In place of what the request's `reasoning` becomes.
  private(set) var think: JSONFragment?

  private static let optionNames: Set<String> = [
    "num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "num_keep", "min_p", "typical_p",
    "tfs_z", "repeat_last_n", "repeat_penalty", "mirostat", "mirostat_tau", "mirostat_eta",
    "use_mmap",
  ]

  /// What is not taken stays in `request.others`.
  init(takingFrom request: inout ChatRequest) {
    var rest: [OtherParameter] = []
    for other in request.others where !take(other) { rest.append(other) }
    request.others = rest
  }

  private mutating func take(_ other: OtherParameter) -> Bool {
    let name = other.name.plain
    switch name {
    case "keep_alive", "truncate", "shift": root.append(other)
    case "think": think = other.value
    case "options":
      let value = other.value.parsed
      guard value.isObject else { return false }
      for member in value.members {
        options.append(OtherParameter(name: member.name, value: member.value.fragment))
      }
    case _ where Self.optionNames.contains(name): options.append(other)
    default: return false
    }
    return true
  }

  func hasOption(_ name: StaticString) -> Bool {
    options.contains { $0.name.equals(name) }
  }
}
