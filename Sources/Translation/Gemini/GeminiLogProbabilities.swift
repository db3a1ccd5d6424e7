// SPDX-License-Identifier: MIT

internal import JSON

/// Probabilities of tokens, which Gemini and OpenAI write differently.
enum GeminiLogProbabilities {
  /// OpenAI's `logprobs` from a `logprobsResult`.
  static func openAI(_ result: JSONNode) -> JSONFragment {
    var json = JSONBuilder()
    var tops = result["topCandidates"]?.elements ?? JSONElements.none
    json.object { json in
      json.array("content") { json in
        for chosen in result["chosenCandidates"]?.elements ?? JSONElements.none {
          let top = tops.next()
          json.object { json in
            append(chosen, to: &json)
            json.array("top_logprobs") { json in
              for candidate in top?["candidates"]?.elements ?? JSONElements.none {
                json.object { append(candidate, to: &$0) }
              }
            }
          }
        }
      }
      json.nullMember("refusal")
    }
    return JSONFragment(validated: json.bytes[...])
  }

  private static func append(_ candidate: JSONNode, to json: inout JSONBuilder) {
    let token = candidate["token"]?.text ?? .empty
    json.member("token", token)
    json.member(
      "logprob", candidate["logProbability"]?.fragment ?? JSONFragment(literal: "0"))
    json.array("bytes") { json in
      for byte in token.plainBytes { json.integer(byte) }
    }
  }

  /// The other way round.
  static func gemini(_ node: JSONNode) -> JSONFragment {
    var json = JSONBuilder()
    json.object { json in
      json.array("topCandidates") { json in
        for token in node["content"]?.elements ?? JSONElements.none {
          json.object { json in
            json.array("candidates") { json in
              for top in token["top_logprobs"]?.elements ?? JSONElements.none {
                appendGemini(top, to: &json)
              }
            }
          }
        }
      }
      json.array("chosenCandidates") { json in
        for token in node["content"]?.elements ?? JSONElements.none {
          appendGemini(token, to: &json)
        }
      }
    }
    return JSONFragment(validated: json.bytes[...])
  }

  private static func appendGemini(_ token: JSONNode, to json: inout JSONBuilder) {
    json.object {
      $0.member("token", token["token"]?.text)
      $0.member("logProbability", token["logprob"]?.fragment)
    }
  }
}
