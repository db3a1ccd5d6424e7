// SPDX-License-Identifier: MIT

/// A place in a file, counted from 1.
struct Place: Equatable {
  var line: Int
  var column: Int
}

/// A value of a YAML document. Aliases stand resolved.
indirect enum Node {
  struct Scalar {
    let string: String
    /// Neither quoted nor a block.
    let isPlain: Bool
    let place: Place
    /// Behind its last character.
    let end: Place
  }

  case scalar(Scalar)
  case sequence([Node], Place)
  case mapping([(key: Node, value: Node)], Place)

  var place: Place {
    switch self {
    case .scalar(let scalar): scalar.place
    case .sequence(_, let place), .mapping(_, let place): place
    }
  }
}

/// Why a text is no YAML document.
struct YAMLError: Error {
  let message: String
  let place: Place?
}
