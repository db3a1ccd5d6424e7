// SPDX-License-Identifier: MIT

/// Checks every index of an image outside of code, so that nothing later has to.
struct ImageCheck {
  let sections: Sections

  func run() throws(ImageError) {
    try checkNames()
    try checkPolicies()
    try checkKeys(sections.principalKeys, "principal keys")
    try checkKeys(sections.resourceKeys, "resource keys")
    try IndexCheck(sections: sections).run()
    try checkMetadata()
  }

  private func require(_ holds: Bool, _ what: String) throws(ImageError) {
    if !holds { throw .damaged(what) }
  }

  private func within(_ index: UInt32, _ count: Int) -> Bool { Int(index) < count }

  private func run(_ start: UInt32, _ count: UInt32, _ limit: Int) -> Bool {
    Int(start) + Int(count) <= limit
  }

  private func checkNames() throws(ImageError) {
    let strings = sections.strings.count
    for index in 0..<strings {
      let record = sections.strings[index]
      try require(run(record.offset, record.count, sections.stringBytes.count), "strings")
    }
    for names in [sections.types, sections.attributes, sections.contextSlots] {
      for index in 0..<names.count { try require(within(names[index], strings), "names") }
    }
    for index in 0..<sections.entities.count {
      let record = sections.entities[index]
      try require(
        within(record.type, sections.types.count) && within(record.id, strings), "entities")
    }
    for index in 0..<sections.patterns.count {
      let record = sections.patterns[index]
      try require(run(record.start, record.count, sections.lists.count), "patterns")
      for place in 0..<Int(record.count) {
        let element = sections.lists[Int(record.start) + place]
        try require(element == ImageFormat.absent || within(element, strings), "patterns")
      }
    }
    for index in 0..<sections.shapes.count {
      let record = sections.shapes[index]
      try require(run(record.start, record.count, sections.lists.count), "shapes")
      for place in 0..<Int(record.count) {
        let element = sections.lists[Int(record.start) + place]
        try require(
          within(element, sections.constants.count)
            && sections.constants[Int(element)].kind == UInt32(ValueKind.string.rawValue),
          "shapes")
      }
    }
  }

  private func checkPolicies() throws(ImageError) {
    for index in 0..<sections.policyConjuncts.count {
      try require(
        within(sections.policyConjuncts[index], sections.conjuncts.count), "policy conditions")
    }
    for index in 0..<sections.policies.count {
      let policy = sections.policies[index]
      let typesHold =
        (policy.principalType == ImageFormat.absent
          || within(policy.principalType, sections.types.count))
        && (policy.resourceType == ImageFormat.absent
          || within(policy.resourceType, sections.types.count))
      try require(
        policy.effect <= 1 && typesHold
          && run(policy.conjunctStart, policy.conjunctCount, sections.policyConjuncts.count)
          && within(policy.action, sections.actions.count)
          && within(policy.principalKey, sections.principalKeys.count)
          && within(policy.resourceKey, sections.resourceKeys.count), "policies")
    }
    for index in 0..<sections.actions.count {
      let record = sections.actions[index]
      try require(
        record.kind <= 2 && run(record.start, record.count, sections.lists.count)
          && (record.kind != 1 || record.count == 1), "actions")
      for place in 0..<Int(record.count) {
        try require(
          within(sections.lists[Int(record.start) + place], sections.entities.count), "actions")
      }
    }
  }

  private func checkKeys(
    _ keys: Cells<ScopeKeyRecord>, _ what: String
  ) throws(ImageError) {
    try require(keys.count >= 1 && keys[0].kind == 0, what)
    // A bit per kind of key and number.
    let width = max(sections.types.count, sections.entities.count)
    let seen = Storage<Bool>(repeating: false, count: width * 3)
    for index in 0..<keys.count {
      let key = keys[index]
      let limit = key.kind == 1 ? sections.types.count : sections.entities.count
      try require(index == 0 || (key.kind >= 1 && key.kind <= 3), what)
      try require(index == 0 || within(key.id, limit), what)
      guard index > 0 else { continue }
      let place = Int(key.kind - 1) * width + Int(key.id)
      try require(!seen.cells[place], what)
      seen.cells[place] = true
    }
  }

  private func checkMetadata() throws(ImageError) {
    let strings = sections.strings.count
    try require(sections.metadata.count == sections.policies.count, "metadata")
    for index in 0..<sections.metadata.count {
      let record = sections.metadata[index]
      try require(
        within(record.id, strings) && within(record.file, strings)
          && run(record.annotationStart, record.annotationCount, sections.annotations.count),
        "metadata")
    }
    for index in 0..<sections.annotations.count {
      let record = sections.annotations[index]
      try require(within(record.key, strings) && within(record.value, strings), "annotations")
    }
    try require(sections.sourceMap.count == sections.code.count, "source map")
  }
}
