// SPDX-License-Identifier: MIT

/// Makes a tree of a stream of events: resolves aliases, and bounds what a hostile file could make
/// grow.
struct NodeComposer: ~Copyable {
  /// Levels of lists and mappings; the composer descends once per level.
  static let depthMaximum = 64
  /// Values in all, each alias counted with everything below it.
  static let nodesMaximum = 1_000_000

  private var events: YAMLEvents
  private var anchors: [String: (node: Node, count: Int)] = [:]
  private var nodeCount = 0
  /// The keys that the present value stands below.
  private var path: [String] = []

  init(_ events: consuming YAMLEvents) { self.events = events }

  /// The one document of the stream; nil when there is none.
  mutating func compose() throws(YAMLError) -> Node? {
    var root: Node?
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return root
      case .documentStart, .documentEnd, .streamStart: continue
      default:
        if root != nil {
          throw YAMLError(
            message: "not YAML: there is a second document; one is expected", place: event.place)
        }
        root = try node(event, depth: 0)
      }
    }
  }

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Node {
    if depth > Self.depthMaximum {
      throw YAMLError(message: "lists and mappings are nested too deep", place: event.place)
    }
    let before = nodeCount
    try count(1, event.place)
    let node: Node
    switch event.kind {
    case .scalar(let string, let isPlain):
      node = .scalar(
        Node.Scalar(string: string, isPlain: isPlain, place: event.place, end: event.end))
    case .sequenceStart: node = .sequence(try sequence(depth), event.place)
    case .mappingStart: node = .mapping(try mapping(depth), event.place)
    case .alias(let name):
      guard let known = anchors[name] else {
        // A secret that begins with an asterisk looks like one.
        let shown = SecretNames.isWord(name) ? " `*\(name)`" : ""
        throw YAMLError(
          message: "not YAML: unknown alias\(shown); a text that begins with `*` has quotes",
          place: event.place)
      }
      try count(known.count, event.place)
      return known.node
    default:
      throw YAMLError(message: "not YAML: a value is missing", place: event.place)
    }
    if let anchor = event.anchor { anchors[anchor] = (node, nodeCount - before) }
    return node
  }

  private mutating func count(_ more: Int, _ place: Place) throws(YAMLError) {
    nodeCount += more
    if nodeCount > Self.nodesMaximum {
      throw YAMLError(message: "there are more than \(Self.nodesMaximum) values", place: place)
    }
  }

  private mutating func sequence(_ depth: Int) throws(YAMLError) -> [Node] {
    var elements: [Node] = []
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { return elements }
      elements.append(try node(event, depth: depth + 1))
    }
  }

  private mutating func mapping(_ depth: Int) throws(YAMLError) -> [(key: Node, value: Node)] {
    var pairs: [(key: Node, value: Node)] = []
    var names: Set<String> = []
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { return pairs }
      let key = try node(event, depth: depth + 1)
      if case .scalar(let scalar) = key, !names.insert(scalar.string).inserted {
        let isShown =
          SecretNames.isWord(scalar.string) || !path.contains(where: SecretNames.isSecret)
        let shown = isShown ? "key `\(scalar.string)`" : "this key"
        throw YAMLError(message: "\(shown) is given twice", place: scalar.place)
      }
      if case .scalar(let scalar) = key { path.append(scalar.string) } else { path.append("") }
      pairs.append((key, try node(try events.next(), depth: depth + 1)))
      path.removeLast()
    }
  }
}
