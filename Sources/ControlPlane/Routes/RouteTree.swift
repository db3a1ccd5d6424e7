// SPDX-License-Identifier: MIT

/// Routes by the segments of their paths.
struct RouteTree: Sendable {
  /// Longer paths match nothing: the search's depth is bounded.
  static let segmentsMaximum = 32

  private final class Node: Sendable {
    let literals: [String: Node]
    let parameter: (name: String, node: Node)?
    let rest: (name: String, routes: [String: APIRoute])?
    /// By method.
    let routes: [String: APIRoute]

    init(
      _ literals: [String: Node], _ parameter: (String, Node)?,
      _ rest: (String, [String: APIRoute])?, _ routes: [String: APIRoute]
    ) {
      self.literals = literals
      self.parameter = parameter
      self.rest = rest
      self.routes = routes
    }
  }

  struct Match {
    var routes: [String: APIRoute]
    var parameters: [String: String]
  }

  private let root: Node

  /// - Precondition: no two routes have the same method and path, parameters at the same place
  ///   have the same name, and `{name...}` comes last.
  init(_ routes: [APIRoute]) {
    root = RouteTree.build(routes.map { (RouteTree.segments($0.path)[...], $0) })
  }

  private static func segments(_ path: some StringProtocol) -> [Substring] {
    precondition(path.hasPrefix("/"), "a route's path starts with `/`")
    return Substring(path).dropFirst().split(separator: "/", omittingEmptySubsequences: false)
  }

  private static func build(_ routes: [(ArraySlice<Substring>, APIRoute)]) -> Node {
    var here: [String: APIRoute] = [:]
    var literals: [String: [(ArraySlice<Substring>, APIRoute)]] = [:]
    var parameters: [(ArraySlice<Substring>, APIRoute)] = []
    var parameterName: String?
    var rest: (name: String, routes: [String: APIRoute])?
    for (segments, route) in routes {
      guard let first = segments.first else {
        precondition(here[route.method] == nil, "two routes for \(route.method) \(route.path)")
        here[route.method] = route
        continue
      }
      let name = first.hasPrefix("{") && first.hasSuffix("}") ? first.dropFirst().dropLast() : ""
      if name.hasSuffix("...") {
        precondition(segments.count == 1, "`{name...}` must be the last segment")
        var methods = rest?.routes ?? [:]
        methods[route.method] = route
        rest = (String(name.dropLast(3)), methods)
      } else if !name.isEmpty {
        precondition(parameterName.map { $0 == name } ?? true, "two names in \(route.path)")
        parameterName = String(name)
        parameters.append((segments.dropFirst(), route))
      } else {
        literals[String(first), default: []].append((segments.dropFirst(), route))
      }
    }
    return Node(
      literals.mapValues(build), parameterName.map { ($0, build(parameters)) }, rest, here)
  }

  /// The routes of `path` by method, with the decoded values of its parameters; nil if no route
  /// has such a path or an escape in it is malformed.
  func match(_ path: String) -> Match? {
    guard path.hasPrefix("/") else { return nil }
    let segments = RouteTree.segments(path)
    guard segments.count <= RouteTree.segmentsMaximum else { return nil }
    return RouteTree.match(segments[...], at: root)
  }

  private static func match(_ segments: ArraySlice<Substring>, at node: Node) -> Match? {
    guard let first = segments.first else {
      return node.routes.isEmpty ? nil : Match(routes: node.routes, parameters: [:])
    }
    guard let decoded = PercentEncoding.decode(first) else { return nil }
    if let next = node.literals[decoded], let found = match(segments.dropFirst(), at: next) {
      return found
    }
    if !decoded.isEmpty, let (name, next) = node.parameter,
      var found = match(segments.dropFirst(), at: next)
    {
      found.parameters[name] = decoded
      return found
    }
    guard let rest = node.rest,
      let text = PercentEncoding.decode(Substring(segments.joined(separator: "/")))
    else { return nil }
    return Match(routes: rest.routes, parameters: [rest.name: text])
  }
}
