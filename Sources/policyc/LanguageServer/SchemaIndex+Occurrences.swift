// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

extension SchemaIndex {
  /// Every place of the schema's own text that names something.
  var occurrences: [Occurrence] {
    var found: [Occurrence] = []
    for namespace in document.namespaces {
      let path = namespace.name?.components ?? []
      for entity in namespace.entities { add(entity, path, &found) }
      for type in namespace.commonTypes {
        add(type.nameSpan, .commonType(Name(path + [type.name])), true, &found)
        add(type.type, path, &found)
      }
      for action in namespace.actions { add(action, path, &found) }
    }
    // `entity A, B {…}` and `action a, b …` share what stands behind the names.
    var seen: Set<Occurrence> = []
    return found.filter { seen.insert($0).inserted }
  }

  private func add(
    _ span: SourceSpan, _ symbol: Symbol?, _ isDeclaration: Bool, _ found: inout [Occurrence]
  ) {
    guard let symbol, span.count > 0 else { return }
    found.append(Occurrence(span: span, symbol: symbol, isDeclaration: isDeclaration))
  }

  private func add(_ entity: EntityDeclaration, _ path: [String], _ found: inout [Occurrence]) {
    add(entity.nameSpan, .entityType(Name(path + [entity.name])), true, &found)
    guard case .standard(let parents, let shape, let tags) = entity.kind else { return }
    for parent in parents { add(parent, path, &found) }
    if let shape { add(shape, path, &found) }
    if let tags { add(tags, path, &found) }
  }

  private func add(_ action: ActionDeclaration, _ path: [String], _ found: inout [Occurrence]) {
    let uid = EntityUID(type: Name(path + ["Action"]), id: action.id)
    add(action.nameSpan, .action(uid), true, &found)
    for parent in action.parents ?? [] {
      let types = parent.type.map { candidates($0, path) } ?? [Name(path + ["Action"])]
      let uids = types.map { EntityUID(type: $0, id: parent.id) }
      // Of a qualified name the id alone is the action's.
      let length = parent.type == nil ? parent.span.count : CedarText.quoted(parent.id).utf8.count
      let end = Int(parent.span.end)
      let span = SourceSpan(start: end - length, end: end, file: parent.span.file)
      add(span, uids.first { actions[$0] != nil }.map { .action($0) }, false, &found)
    }
    for name in (action.appliesTo?.principals ?? []) + (action.appliesTo?.resources ?? []) {
      add(name, path, &found)
    }
    if let context = action.appliesTo?.context { add(context, path, &found) }
  }

  private func add(_ name: Name, _ path: [String], _ found: inout [Occurrence]) {
    // Only the last part of a qualified name is the type's own.
    let end = Int(name.span.end)
    let start = end - name.basename.utf8.count
    let span = SourceSpan(start: start, end: end, file: name.span.file)
    add(span, symbol(name, path), false, &found)
  }

  private func add(_ type: TypeExpression, _ path: [String], _ found: inout [Occurrence]) {
    switch type.kind {
    case .named(let name), .common(let name), .entity(let name): add(name, path, &found)
    case .set(let element): add(element, path, &found)
    case .record(let attributes):
      for attribute in attributes {
        let span = attribute.name.span
        add(span, .attribute(attribute.name.text, span), true, &found)
        add(attribute.type, path, &found)
      }
    case .primitive, .extension: break
    }
  }
}
