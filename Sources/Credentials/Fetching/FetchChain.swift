// SPDX-License-Identifier: MIT

public import Clocks
internal import ModelCatalog

/// Ways to get a credential, one after another: the first that is not absent decides.
public struct FetchChain: CredentialFetch {
  private var rest: ArraySlice<any CredentialFetch>
  private var reasons: [String] = []
  /// The failure's words when all are absent.
  private let nothingFound: String

  public init(_ members: [any CredentialFetch], nothingFound: String) {
    rest = members[...]
    self.nothingFound = nothingFound
  }

  public mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    var event = event
    while rest.first != nil {
      let step = rest[rest.startIndex].next(event, now: now)
      guard case .absent(let reason) = step else { return step }
      reasons.append(reason)
      rest.removeFirst()
      event = .begin
    }
    return .failed(FetchFailure(nothingFound, detail: reasons.joined(separator: "; ")))
  }
}

/// A key in a file, as Kubernetes mounts secrets: read anew now and then, so that it can be changed
/// without a restart.
public struct KeyFileFetch: CredentialFetch {
  private let path: String

  public init(path: String) { self.path = path }

  public mutating func next(_ event: FetchEvent, now: Timestamp) -> FetchStep {
    switch event {
    case .begin: return .read(path: path)
    case .contents(let bytes):
      let key = Secret(String(contents: bytes)?.withoutOuterSpace ?? "")
      guard !key.isEmpty, key.isFieldValue else {
        return .failed(
          FetchFailure("the key file `\(path)` must hold one key of visible ASCII"))
      }
      return .issued(IssuedCredential(.token(key), origin: "the file `\(path)`"))
    case .unreadable(let reason):
      return .failed(FetchFailure("the key file `\(path)` cannot be read: \(reason)"))
    case .answered, .unreachable: return .failed(.outOfTurn)
    }
  }
}

extension FetchFailure {
  /// An event that answers no step: a mistake of the driver, which must not end the process.
  static let outOfTurn = FetchFailure("the fetch was driven out of turn")
}
