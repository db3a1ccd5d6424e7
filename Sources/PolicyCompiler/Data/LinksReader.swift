// SPDX-License-Identifier: MIT

public import CedarSyntax

/// Reads template links: an array of `{"template_id", "link_id", "args": {"?principal": …}}` whose
/// arguments are entities as source text.
///
/// - Throws: `DataProblem` with the place and the reason.
public func readLinks(_ text: String) throws(DataProblem) -> [TemplateLink] {
  guard let items = try parseJSON(text).array else {
    throw DataProblem("", "expected an array of links")
  }
  var links: [TemplateLink] = []
  for (index, item) in items.enumerated() {
    let path = "links[\(index)]"
    guard let template = item["template_id"]?.string, let id = item["link_id"]?.string,
      let arguments = item["args"]?.object
    else { throw DataProblem(path, "expected `template_id`, `link_id` and `args`") }
    var values: [Slot: EntityUID] = [:]
    for argument in arguments {
      guard let slot = Slot.allCases.first(where: { $0.text == argument.key }) else {
        throw DataProblem(path, "`\(argument.key)` is not a slot")
      }
      guard let text = argument.value.string, let uid = parseEntityUID(text).uid else {
        throw DataProblem(path, "the value of `\(argument.key)` must be an entity")
      }
      values[slot] = uid
    }
    links.append(TemplateLink(id: id, templateID: template, values: values))
  }
  return links
}
