// SPDX-License-Identifier: MIT

/// What of a request a provider did not get as the client said it.
public struct LossReport: Equatable, Sendable {
  public struct Loss: Equatable, Sendable {
    /// As the client's API calls it.
    public var parameter: String
    /// What happened to it, and why: a few words.
    public var note: String
    /// Said in another way that comes close, not left out.
    public var isApproximated: Bool
  }

  /// Clients make up names: so many are kept, and one more stands for the others.
  private static let countMaximum = 64

  public private(set) var losses: [Loss] = []

  public init() {}

  public mutating func dropped(_ parameter: String, _ note: String) {
    add(Loss(parameter: parameter, note: note, isApproximated: false))
  }

  public mutating func approximated(_ parameter: String, _ note: String) {
    add(Loss(parameter: parameter, note: note, isApproximated: true))
  }

  private mutating func add(_ loss: Loss) {
    guard losses.count <= Self.countMaximum, !losses.contains(loss) else { return }
    losses.append(
      losses.count < Self.countMaximum
        ? loss : Loss(parameter: "more", note: "and others", isApproximated: false))
  }

  /// The value of `x-gateway-dropped-params`: names with commas between; nil when nothing was
  /// dropped. Names that a client made up are reduced to what may stand in a header field.
  public var headerValue: String? {
    var names: [String] = []
    for loss in losses where !loss.isApproximated {
      let name = String(
        String.UnicodeScalarView(
          loss.parameter.unicodeScalars.prefix(64).map {
            $0.value > 0x20 && $0.value < 0x7f && $0 != "," ? $0 : "_"
          }))
      if !names.contains(name) { names.append(name) }
    }
    return names.isEmpty ? nil : names.prefix(32).joined(separator: ",")
  }
}
