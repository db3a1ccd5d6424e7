// SPDX-License-Identifier: MIT

internal import JSON

/// What lies between the text of a provider's answer and the text that the client asked for.
public struct AnswerShape: Equatable, Sendable {
  /// The text is a JSON object with the answer as its member (`JSONAnswerWrapper`).
  public var isWrapped = false
  /// The answer is a JSON string where the client wants what it says (`AnswerForm.enumValue`).
  public var isQuoted = false

  public init() {}

  public static let usual = AnswerShape()

  /// Gives a whole answer the form that the client asked for.
  public func unwrap(_ response: inout ChatResponse) {
    guard self != .usual else { return }
    for index in response.choices.indices {
      unwrap(&response.choices[index].blocks)
    }
  }

  private func unwrap(_ blocks: inout [Block]) {
    var unwrapper = AnswerUnwrapper(self)
    var texts: [(place: Int, text: JSONText)] = []
    for (place, block) in blocks.enumerated() {
      guard case .text(let text) = block.content else { continue }
      texts.append((place, unwrapper.take(text)))
    }
    guard let last = texts.indices.last else { return }
    texts[last].text.escaped += unwrapper.end().escaped
    for (place, text) in texts.reversed() {
      if text.isEmpty { blocks.remove(at: place) } else { blocks[place].content = .text(text) }
    }
  }
}

/// Gives a stream's events the form that the client asked for.
struct StreamUnwrapper {
  private let shape: AnswerShape
  private var choices: [Int: AnswerUnwrapper] = [:]
  private var changed: [StreamEvent] = []

  init(_ shape: AnswerShape) { self.shape = shape }

  mutating func apply(to events: inout [StreamEvent]) {
    for event in events {
      switch event {
      case .text(let choice, let text):
        append(choices[choice, default: AnswerUnwrapper(shape)].take(text), of: choice)
      case .finish(let choice, _, _, _):
        if let rest = choices[choice]?.end() { append(rest, of: choice) }
        changed.append(event)
      default: changed.append(event)
      }
    }
    swap(&events, &changed)
    changed.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ text: JSONText, of choice: Int) {
    if !text.isEmpty { changed.append(.text(choice: choice, text)) }
  }
}
