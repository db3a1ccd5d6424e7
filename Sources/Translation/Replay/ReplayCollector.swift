// SPDX-License-Identifier: MIT

internal import JSON

/// Gathers what an answer's provider will want back, from a stream or from a whole answer. Only
/// the first choice counts: a conversation goes on with one.
public struct ReplayCollector: Sendable {
  private var thoughts: [ReasoningBlock] = []
  private var signatures: [ReplayRecord.Signature] = []
  /// The block of thoughts that still grows.
  private var isOpen = false
  private var firstID: String?
  /// Of all that is gathered.
  private(set) var byteCount = 0
  /// Nothing is to be kept: it is too much, or there is no name to keep it by.
  private var isVoid = false

  public init() {}

  public mutating func note(_ event: StreamEvent) {
    guard !isVoid else { return }
    switch event {
    case .reasoning(0, let text):
      if !isOpen { thoughts.append(ReasoningBlock(text: .empty)) }
      isOpen = true
      thoughts[thoughts.count - 1].text.escaped += text.escaped
      add(text)
    case .reasoningSignature(0, let signature):
      if !isOpen { thoughts.append(ReasoningBlock(text: .empty)) }
      thoughts[thoughts.count - 1].signature = signature
      isOpen = false
      add(signature)
    case .encryptedReasoning(0, let data):
      thoughts.append(ReasoningBlock(text: .empty, encrypted: data))
      isOpen = false
      add(data)
    case .toolCallStart(0, _, let id, let name, let signature):
      isOpen = false
      let plain = id.plain
      if firstID == nil {
        guard !Self.isCounted(id, of: name) else { return giveUp() }
        firstID = plain
      }
      if let signature {
        signatures.append(ReplayRecord.Signature(id: plain, text: signature))
        add(signature)
      }
    default: break
    }
  }

  private mutating func add(_ text: JSONText) {
    byteCount += text.escaped.count
    if byteCount > ReplayRecord.bytesMaximum { giveUp() }
  }

  private mutating func giveUp() {
    isVoid = true
    thoughts = []
    signatures = []
    byteCount = 0
  }

  /// What to keep, and under which id; nil where nothing will be wanted, or could be told from what
  /// another answer wants.
  public func record(of provider: String) -> (id: String, record: ReplayRecord)? {
    guard let firstID, !thoughts.isEmpty || !signatures.isEmpty else { return nil }
    return (
      firstID, ReplayRecord(provider: provider, thoughts: thoughts, signatures: signatures)
    )
  }
}

extension ChatRequest {
  /// Puts back what the client has dropped: before an assistant's first tool call, where the turn
  /// has no thoughts of its own, and on calls without a signature.
  ///
  /// - Parameter find: the record of an answer by the id of its first call.
  public mutating func restore(
    for provider: String, _ find: (_ id: String) -> ReplayRecord?
  ) {
    for index in messages.indices where messages[index].role == .assistant {
      guard let first = messages[index].firstCall, let record = find(first.plain),
        record.provider == provider
      else { continue }
      messages[index].restore(record)
    }
  }

  /// Whether any turn of the assistant calls a tool.
  public var hasToolCalls: Bool {
    messages.contains { $0.role == .assistant && $0.firstCall != nil }
  }
}

extension Message {
  fileprivate var firstCall: JSONText? {
    for block in blocks {
      if case .toolCall(let call) = block.content { return call.id }
    }
    return nil
  }

  fileprivate mutating func restore(_ record: ReplayRecord) {
    let hasThoughts = blocks.contains {
      // Thoughts without proof are no more than text, which the record knows better.
      if case .reasoning(let thought) = $0.content {
        return thought.signature != nil || thought.encrypted != nil
      }
      return false
    }
    if !hasThoughts, !record.thoughts.isEmpty {
      blocks.removeAll { if case .reasoning = $0.content { true } else { false } }
      blocks.insert(contentsOf: record.thoughts.map { Block(.reasoning($0)) }, at: 0)
    }
    for index in blocks.indices {
      guard case .toolCall(var call) = blocks[index].content, call.signature == nil,
        let signature = record.signatures.first(where: { $0.id == call.id.plain })
      else { continue }
      call.signature = signature.text
      blocks[index].content = .toolCall(call)
    }
  }
}
