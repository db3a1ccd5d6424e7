// SPDX-License-Identifier: MIT

internal import JSON

extension ChatRequest {
  /// What the request makes use of, in the order of `Parameter`.
  public var parametersUsed: [Parameter] {
    var used = Set<Parameter>()
    noteScalars(&used)
    noteToolUse(&used)
    for (index, message) in messages.enumerated() {
      if message.name != nil { used.insert(.messageName) }
      let isLater = message.role == .system && messages[..<index].contains { $0.role != .system }
      if isLater { used.insert(.laterSystemMessages) }
      for block in message.blocks { block.note(&used, isAssistant: message.role == .assistant) }
    }
    return Parameter.allCases.filter(used.contains)
  }

  private func noteScalars(_ used: inout Set<Parameter>) {
    func note(_ parameter: Parameter, _ isUsed: Bool) { if isUsed { used.insert(parameter) } }
    note(.maximumOutputTokens, maximumOutputTokens != nil)
    note(.temperature, sampling.temperature != nil)
    note(.topP, sampling.topP != nil)
    note(.topK, sampling.topK != nil)
    note(.seed, sampling.seed != nil)
    note(.frequencyPenalty, sampling.frequencyPenalty != nil)
    note(.presencePenalty, sampling.presencePenalty != nil)
    note(.logitBias, sampling.logitBias != nil)
    note(.logProbabilities, wantsLogProbabilities == true)
    note(.topLogProbabilities, topLogProbabilities != nil)
    note(.choiceCount, (choiceCount ?? 1) > 1)
    note(.stop, !stopSequences.isEmpty)
    note(.user, user != nil)
    note(.serviceTier, serviceTier != nil)
    note(.reasoningEffort, reasoning?.effort != nil)
    note(.reasoningBudget, reasoning?.budgetTokens != nil)
    switch output {
    case .text: break
    case .jsonObject: used.insert(.jsonObject)
    case .jsonSchema: used.insert(.jsonSchema)
    }
  }

  private func noteToolUse(_ used: inout Set<Parameter>) {
    if !tools.isEmpty { used.insert(.tools) }
    if tools.contains(where: { $0.isStrict == true }) { used.insert(.strictTools) }
    if tools.contains(where: { $0.cacheControl != nil }) { used.insert(.cacheControl) }
    if allowsParallelToolCalls != nil { used.insert(.parallelToolCalls) }
    switch toolChoice {
    case nil: break
    case .auto: used.insert(.toolChoiceAuto)
    case .some(.none): used.insert(.toolChoiceNone)
    case .required: used.insert(.toolChoiceRequired)
    case .named: used.insert(.toolChoiceNamed)
    case .allowed: used.insert(.toolChoiceAllowed)
    }
  }

  /// Takes back the choice of tools that are not there any more: what the client wanted none of
  /// instead is not open either.
  ///
  /// - Returns: whether the client had chosen one of those.
  mutating func settleToolChoice() -> Bool {
    let given = Set(tools.map(\.name.plain))
    var isChanged = false
    switch toolChoice {
    case .named(let name) where !given.contains(name.plain):
      isChanged = true
      toolChoice = ToolChoice.none
    case .allowed(let names, let isRequired):
      let known = names.filter { given.contains($0.plain) }
      isChanged = known.count < names.count
      toolChoice = known.isEmpty ? ToolChoice.none : .allowed(known, isRequired: isRequired)
    default: break
    }
    if tools.isEmpty {
      toolChoice = nil
      allowsParallelToolCalls = nil
    }
    return isChanged
  }

  /// Takes a parameter out.
  mutating func remove(_ parameter: Parameter) {
    switch parameter {
    case .maximumOutputTokens: maximumOutputTokens = nil
    case .temperature: sampling.temperature = nil
    case .topP: sampling.topP = nil
    case .topK: sampling.topK = nil
    case .seed: sampling.seed = nil
    case .frequencyPenalty: sampling.frequencyPenalty = nil
    case .presencePenalty: sampling.presencePenalty = nil
    case .logitBias: sampling.logitBias = nil
    case .logProbabilities: wantsLogProbabilities = nil
    case .topLogProbabilities: topLogProbabilities = nil
    case .choiceCount: choiceCount = nil
    case .stop: stopSequences = []
    case .user: user = nil
    case .serviceTier: serviceTier = nil
    case .jsonObject, .jsonSchema: output = .text
    case .tools: tools = []
    case .strictTools: for index in tools.indices { tools[index].isStrict = nil }
    case .toolChoiceAuto, .toolChoiceNone, .toolChoiceRequired, .toolChoiceNamed,
      .toolChoiceAllowed:
      toolChoice = nil
    case .parallelToolCalls: allowsParallelToolCalls = nil
    case .reasoningEffort: reasoning?.effort = nil
    case .reasoningBudget: reasoning?.budgetTokens = nil
    default: removeFromMessages(parameter)
    }
  }

  private mutating func removeFromMessages(_ parameter: Parameter) {
    if parameter == .cacheControl {
      for index in tools.indices { tools[index].cacheControl = nil }
    }
    for index in messages.indices {
      if parameter == .messageName { messages[index].name = nil }
      messages[index].blocks = messages[index].blocks.compactMap { $0.without(parameter) }
    }
  }
}

extension Block {
  fileprivate func note(_ used: inout Set<Parameter>, isAssistant: Bool) {
    if cacheControl != nil { used.insert(.cacheControl) }
    switch content {
    case .text, .refusal, .toolCall: break
    case .image(let media):
      used.insert(Self.imageParameter(media))
      if media.detail != nil { used.insert(.imageDetail) }
    case .audio: used.insert(.audio)
    case .file(let media): used.insert(Self.fileParameter(media))
    case .reasoning: used.insert(.reasoningReplay)
    case .toolResult(let result):
      if result.isError { used.insert(.toolResultError) }
      for block in result.blocks {
        block.note(&used, isAssistant: false)
        if case .image = block.content { used.insert(.toolResultImages) }
      }
    }
  }

  private static func imageParameter(_ media: Media) -> Parameter {
    switch media.source {
    case .base64: .imageData
    case .url: .imageURL
    case .file: .imageFile
    }
  }

  private static func fileParameter(_ media: Media) -> Parameter {
    switch media.source {
    case .base64: .fileData
    case .url: .fileURL
    case .file: .fileID
    }
  }

  /// The block without what `parameter` stands for; nil if nothing is left.
  fileprivate func without(_ parameter: Parameter) -> Block? {
    var block = self
    if parameter == .cacheControl { block.cacheControl = nil }
    switch content {
    case .text, .refusal, .toolCall: break
    case .image(var media):
      if parameter == Self.imageParameter(media) { return nil }
      if parameter == .imageDetail { media.detail = nil }
      block.content = .image(media)
    case .audio: if parameter == .audio { return nil }
    case .file(let media): if parameter == Self.fileParameter(media) { return nil }
    case .reasoning: if parameter == .reasoningReplay { return nil }
    case .toolResult(var result):
      if parameter == .toolResultError { result.isError = false }
      result.blocks = result.blocks.compactMap { inner in
        if parameter == .toolResultImages, case .image = inner.content { return nil }
        return inner.without(parameter)
      }
      block.content = .toolResult(result)
    }
    return block
  }
}
