// SPDX-License-Identifier: MIT

/// Reads the JSON policy format: a policy set (`staticPolicies`, `templates`, `templateLinks`) or
/// one policy, which gets the id `policy0`. Policies keep the order of the document, and every part
/// of a policy has the place of its whole.
///
/// - Parameter file: The number of the file in the caller's `SourceFiles`.
public func parsePoliciesJSON(
  _ source: String, file: UInt16 = 0
) -> (policies: PolicySet, diagnostics: [Diagnostic]) {
  let document: CedarJSON
  do throws(CedarJSON.SyntaxError) {
    document = try CedarJSON(parsing: source)
  } catch {
    let place = SourceSpan(start: error.offset, end: error.offset, file: file)
    return (
      PolicySet(), [Diagnostic(.error, .jsonSyntax, error.message, labels: [.init(place)])]
    )
  }
  var reader = PolicyJSONReader()
  var set = reader.set(document)
  let places = JSONPlaces(source, file: file, levels: 2)
  let isSet = document["effect"] == nil
  set.policies = set.policies.map { policy in
    let section = JSONPath.root[policy.isTemplate ? "templates" : "staticPolicies"]
    return policy.placed(at: places.span(isSet ? section[policy.id].text : ""))
  }
  return (set, reader.problems.located(in: source, file: file))
}

/// Reads the JSON policy format from a value; see `parsePoliciesJSON`.
public func parsePolicies(
  json document: CedarJSON
) -> (policies: PolicySet, diagnostics: [Diagnostic]) {
  var reader = PolicyJSONReader()
  let set = reader.set(document)
  return (set, reader.problems.diagnostics)
}

struct PolicyJSONReader {
  var problems = JSONProblems()

  mutating func set(_ document: CedarJSON) -> PolicySet {
    if document["effect"] != nil {
      let policy = policy(document, id: "policy0", at: .root)
      return PolicySet(policies: policy.map { [$0] } ?? [])
    }
    var result = PolicySet()
    guard
      problems.object(
        document, "a policy or a policy set", at: .root,
        allowed: ["staticPolicies", "templates", "templateLinks"]) != nil
    else { return result }
    var ids: Set<ExactString> = []
    for (key, isTemplate) in [("staticPolicies", false), ("templates", true)] {
      let section = document[key]
      let path = JSONPath.root[key]
      for member in problems.object(section, "an object of policies", at: path) ?? [] {
        guard let policy = policy(member.value, id: member.key, at: path[member.key]) else {
          continue
        }
        if policy.isTemplate != isTemplate {
          problems.error(
            .jsonInvalidValue,
            isTemplate ? "a template without a slot" : "a static policy with a slot",
            at: path[member.key],
            help: isTemplate ? "move it to `staticPolicies`" : "move it to `templates`")
        }
        unique(policy.id, &ids, path[member.key])
        result.policies.append(policy)
      }
    }
    links(document["templateLinks"], &result, &ids)
    return result
  }

  private mutating func unique(_ id: String, _ ids: inout Set<ExactString>, _ path: JSONPath) {
    if !ids.insert(ExactString(id)).inserted {
      problems.error(.jsonDuplicateKey, "the policy id `\(id)` is used twice", at: path)
    }
  }

  private mutating func links(
    _ json: CedarJSON?, _ set: inout PolicySet, _ ids: inout Set<ExactString>
  ) {
    let path = JSONPath.root["templateLinks"]
    let templates = Dictionary(
      set.policies.filter(\.isTemplate).map { (ExactString($0.id), $0) },
      uniquingKeysWith: { first, _ in first })
    for (index, link) in (problems.array(json, "an array of links", at: path) ?? []).enumerated() {
      let place = path[index]
      guard
        problems.object(
          link, "a link", at: place, allowed: ["newId", "templateId", "values"]) != nil,
        let id = problems.string(link["newId"], "a string", at: place["newId"]),
        let template = problems.string(link["templateId"], "a string", at: place["templateId"])
      else { continue }
      unique(id, &ids, place)
      var values: [Slot: EntityUID] = [:]
      for member in problems.object(link["values"], "an object", at: place["values"]) ?? [] {
        let valuePath = place["values"][member.key]
        guard let slot = Slot.allCases.first(where: { $0.text == member.key }) else {
          problems.error(
            .jsonInvalidValue, "`\(member.key)` is not a slot", at: valuePath,
            help: "the slots are `?principal` and `?resource`")
          continue
        }
        values[slot] = entity(member.value, at: valuePath)
      }
      checkSlots(of: template, values, templates, at: place)
      set.links.append(TemplateLink(id: id, templateID: template, values: values))
    }
  }

  /// A link fills the slots of its template, all of them and no other.
  private mutating func checkSlots(
    of template: String, _ values: [Slot: EntityUID], _ templates: [ExactString: Policy],
    at path: JSONPath
  ) {
    guard let policy = templates[ExactString(template)] else {
      problems.error(
        .invalidLink, "there is no template `\(template)`", at: path["templateId"],
        help: Suggestion.help(template, templates.values.map(\.id).sorted()))
      return
    }
    for slot in policy.slots where values[slot] == nil {
      problems.error(
        .invalidLink, "the slot `\(slot.text)` of `\(template)` is not filled",
        at: path["values"])
    }
    for slot in values.keys where !policy.slots.contains(slot) {
      problems.error(
        .invalidLink, "`\(template)` has no slot `\(slot.text)`", at: path["values"])
    }
  }

  // MARK: policies

  private mutating func policy(_ json: CedarJSON, id: String, at path: JSONPath) -> Policy? {
    let before = problems.diagnostics.count
    guard
      problems.object(
        json, "a policy", at: path,
        allowed: ["effect", "principal", "action", "resource", "conditions", "annotations"])
        != nil,
      let effectName = problems.string(
        json["effect"], "`permit` or `forbid`", at: path["effect"])
    else { return nil }
    let effect = Effect(rawValue: effectName)
    if effect == nil {
      problems.error(
        .invalidEffect, "`\(effectName)` is not an effect", at: path["effect"],
        help: Suggestion.help(effectName, Words.effects))
    }
    let policy = Policy(
      id: id, annotations: annotations(json["annotations"], at: path["annotations"]),
      effect: effect ?? .permit,
      principal: scope(json["principal"], .principal, at: path["principal"]),
      action: action(json["action"], at: path["action"]),
      resource: scope(json["resource"], .resource, at: path["resource"]),
      conditions: conditions(json["conditions"], at: path["conditions"]))
    return problems.diagnostics.count == before ? policy : nil
  }

  private mutating func annotations(_ json: CedarJSON?, at path: JSONPath) -> [Annotation] {
    guard let json else { return [] }
    var result: [Annotation] = []
    for member in problems.object(json, "an object of annotations", at: path) ?? [] {
      let value: Annotation.Value
      switch member.value {
      case .null: value = .absent
      case .string(let text): value = .string(text)
      default:
        problems.shape("a string or null", member.value, at: path[member.key])
        continue
      }
      guard let first = member.key.utf8.first, Lexer.isIdentifierStart(first),
        member.key.utf8.allSatisfy(Lexer.isIdentifierPart)
      else {
        problems.error(
          .jsonInvalidName, "`\(member.key)` is not an identifier", at: path[member.key])
        continue
      }
      result.append(Annotation(key: member.key, value: value))
    }
    return result
  }

  private mutating func conditions(_ json: CedarJSON?, at path: JSONPath) -> [Condition] {
    var result: [Condition] = []
    for (index, condition) in (problems.array(json, "an array", at: path) ?? []).enumerated() {
      let place = path[index]
      guard
        problems.object(condition, "a condition", at: place, allowed: ["kind", "body"]) != nil,
        let word = problems.string(condition["kind"], "`when` or `unless`", at: place["kind"])
      else { continue }
      guard let kind = Condition.Kind(rawValue: word) else {
        problems.error(
          .invalidCondition, "`\(word)` is not `when` or `unless`", at: place["kind"])
        continue
      }
      guard let body = condition["body"] else {
        problems.shape("an expression", nil, at: place["body"])
        continue
      }
      if let expression = expression(body, at: place["body"]) {
        result.append(Condition(kind, expression))
      }
    }
    return result
  }
}
