// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// A line of `model_routing`.
struct ReadRoute {
  var pattern: String
  var gateways: [(text: String, field: Field)]
  /// Of names that the pattern matches and no model has; nil where it is not known.
  var prices: ModelPrices?
  /// Such names run on own machines and cost nothing.
  var isLocal = false
  var field: Field
}

extension GatewaysDocument {
  /// The lines, the most specific first: the first that matches a name decides.
  func readRoutes(_ field: Field) -> [ReadRoute] {
    var routes: [ReadRoute] = []
    for (pattern, value) in field.entries() {
      if let earlier = routes.first(where: { $0.pattern == pattern.text }) {
        pattern.field.report(
          "`\(pattern.text)` is routed twice",
          help: "the first is on line \(earlier.field.place.line) of \(earlier.field.file.path)")
      } else if !CatalogLimits.isName(pattern.text, allowsStar: true) {
        pattern.field.report(
          "`\(pattern.text)` matches no model",
          help: "a pattern has 1 to \(CatalogLimits.nameBytesMaximum) visible ASCII characters "
            + "without quotes or backslash")
      } else {
        routes.append(readRoute(pattern, value))
      }
    }
    return Glob.bySpecificity(routes.map(\.pattern)).map { routes[$0] }
  }

  /// A gateway, a list of them, or a mapping with what holds for names that no model has.
  private func readRoute(_ pattern: (text: String, field: Field), _ value: Field) -> ReadRoute {
    func names(_ field: Field) -> [(text: String, field: Field)] {
      field.isList ? field.texts() : field.text().map { [($0, field)] } ?? []
    }
    guard value.isMapping else {
      return ReadRoute(pattern: pattern.text, gateways: names(value), field: pattern.field)
    }
    var route = ReadRoute(pattern: pattern.text, gateways: [], field: pattern.field)
    guard let section = Section(value, keys: ["gateways", "price", "local"]) else { return route }
    if let field = section.required("gateways") { route.gateways = names(field) }
    route.prices = section["price"].flatMap(Self.readPrices)
    route.isLocal = section["local"]?.boolean() ?? false
    if route.isLocal, let field = section["price"] {
      field.report("what is `local` has no price")
    }
    return route
  }
}
