// SPDX-License-Identifier: MIT

public import CedarSyntax

extension SchemaDocument {
  /// The schema in Cedar's JSON schema format: `{namespace: {entityTypes, actions, commonTypes?,
  /// annotations?}}`, the unnamed namespace under the empty string.
  public var json: CedarJSON {
    .object(
      namespaces.map { namespace in
        CedarJSON.Member(namespace.name?.description ?? "", namespace.json)
      })
  }
}

extension NamespaceDeclaration {
  fileprivate var json: CedarJSON {
    var members: [CedarJSON.Member] = []
    if !commonTypes.isEmpty {
      members.append(
        .init("commonTypes", .object(commonTypes.map { .init($0.name, $0.json) })))
    }
    members.append(.init("entityTypes", .object(entities.map { .init($0.name, $0.json) })))
    members.append(.init("actions", .object(actions.map { .init($0.id, $0.json) })))
    return .object(members + annotations.jsonMembers)
  }
}

extension [Annotation] {
  /// `annotations` as a member, or nothing. An annotation without value has the empty string.
  fileprivate var jsonMembers: [CedarJSON.Member] {
    if isEmpty { return [] }
    return [.init("annotations", .object(map { .init($0.key, .string($0.text)) }))]
  }
}

extension CommonTypeDeclaration {
  fileprivate var json: CedarJSON { .object(type.jsonMembers + annotations.jsonMembers) }
}

extension EntityDeclaration {
  fileprivate var json: CedarJSON {
    var members: [CedarJSON.Member] = []
    switch kind {
    case .enumeration(let choices):
      members.append(.init("enum", .array(choices.map { .string($0) })))
    case .standard(let parents, let shape, let tags):
      if !parents.isEmpty {
        members.append(
          .init("memberOfTypes", .array(parents.map { .string($0.description) })))
      }
      if let shape, !shape.isEmptyRecord { members.append(.init("shape", shape.json)) }
      if let tags { members.append(.init("tags", tags.json)) }
    }
    return .object(members + annotations.jsonMembers)
  }
}

extension ActionDeclaration {
  fileprivate var json: CedarJSON {
    let names = { (types: [Name]) in CedarJSON.array(types.map { .string($0.description) }) }
    var applies: [CedarJSON.Member] = [
      .init("resourceTypes", names(appliesTo?.resources ?? [])),
      .init("principalTypes", names(appliesTo?.principals ?? [])),
    ]
    if let context = appliesTo?.context, !context.isEmptyRecord {
      applies.append(.init("context", context.json))
    }
    var members: [CedarJSON.Member] = [.init("appliesTo", .object(applies))]
    if let parents {
      members.append(.init("memberOf", .array(parents.map(\.json))))
    }
    return .object(members + annotations.jsonMembers)
  }
}

extension ActionDeclaration.Parent {
  fileprivate var json: CedarJSON {
    var members: [CedarJSON.Member] = [.init("id", .string(id))]
    if let type { members.append(.init("type", .string(type.description))) }
    return .object(members)
  }
}

extension TypeExpression {
  var isEmptyRecord: Bool {
    if case .record(let attributes) = kind { return attributes.isEmpty }
    return false
  }

  fileprivate var json: CedarJSON { .object(jsonMembers) }

  fileprivate var jsonMembers: [CedarJSON.Member] {
    switch kind {
    case .named(let name):
      [.init("type", .string("EntityOrCommon")), .init("name", .string(name.description))]
    case .entity(let name):
      [.init("type", .string("Entity")), .init("name", .string(name.description))]
    case .extension(let name):
      [.init("type", .string("Extension")), .init("name", .string(name.description))]
    case .primitive(let primitive): [.init("type", .string(primitive.rawValue))]
    case .common(let name): [.init("type", .string(name.description))]
    case .set(let element): [.init("type", .string("Set")), .init("element", element.json)]
    case .record(let attributes):
      [
        .init("type", .string("Record")),
        .init("attributes", .object(attributes.lastOfEach.map { .init($0.name.text, $0.json) })),
      ]
    }
  }
}

extension [AttributeDeclaration] {
  /// Without the declarations that a later one of the same attribute replaces.
  var lastOfEach: [AttributeDeclaration] {
    var positions: [AttributeName: Int] = [:]
    for (position, attribute) in enumerated() { positions[attribute.name] = position }
    return enumerated().filter { positions[$0.element.name] == $0.offset }.map(\.element)
  }
}

extension AttributeDeclaration {
  fileprivate var json: CedarJSON {
    let required: [CedarJSON.Member] = isRequired ? [] : [.init("required", .bool(false))]
    return .object(type.jsonMembers + required + annotations.jsonMembers)
  }
}
