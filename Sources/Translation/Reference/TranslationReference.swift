// SPDX-License-Identifier: MIT

/// docs/reference/translation.md, from the providers' own tables.
public enum TranslationReference {
  public static func markdown() -> String {
    var text = """
      # What is translated, dropped and refused

      Generated from the translators' own tables by `make generate`; do not edit.

      A client speaks its own API whatever provider serves the model. Between the same API on both
      sides bodies pass as they are, but for the model's name, a cap on tokens, the credential and
      thoughts that another provider gave, which this one would refuse; what OpenAI's clients ask of
      DeepSeek and xAI does not, since those take less than OpenAI.
      Everywhere else a request goes through one model of chats, and each provider has a table of
      what it can take:

      | word | means |
      |---|---|
      | translated | written to the provider's request, under the name given |
      | approximated | said in another way that comes close; `gateway translate` names it |
      | dropped | has no counterpart: left out, and named in `x-gateway-dropped-params`; a 400 \
      `unsupported_parameter` where the configuration says `unsupported_parameters: refuse` |
      | refused | leaving it out would change what the request means: a 400 \
      `unsupported_parameter` |

      What the tables do not list, such as parameters that are newer than this gateway, passes
      between APIs of one family and is dropped and named otherwise. `gateway translate --to
      PROVIDER FILE` shows the request that a file would become, and what is lost, without sending
      anything.

      Clients: \(list(Wires.clients.map { "\($0.name)" })).
      Providers: \(list(Wires.providers.map { "\($0.name)" })).


      """
    for provider in Wires.providers { text += section(provider) }
    return text
  }

  private static func list(_ names: [String]) -> String {
    names.map { "`\($0)`" }.joined(separator: ", ")
  }

  private static func section(_ provider: any ProviderWire.Type) -> String {
    var text = "## \(provider.name)\n\n| parameter | | how, or why not |\n|---|---|---|\n"
    for parameter in Parameter.allCases {
      guard let rule = provider.parameters[parameter] else { continue }
      text += "| `\(parameter.rawValue)` | \(word(rule.disposition)) | \(rule.note) |\n"
    }
    return text + "\n"
  }

  private static func word(_ disposition: ParameterRule.Disposition) -> String {
    switch disposition {
    case .translated: "translated"
    case .approximated: "approximated"
    case .dropped: "**dropped**"
    case .refused: "**refused**"
    }
  }
}
