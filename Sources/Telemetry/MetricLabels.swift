// SPDX-License-Identifier: MIT

/// What a request asked for. The text is `gen_ai.operation.name`, where the conventions have one.
@frozen
public enum Operation: UInt8, CaseIterable, Sendable {
  case chat, textCompletion, embeddings, other
  case rerank, imageGeneration, transcription, speech, moderation

  public var label: String {
    switch self {
    case .chat: "chat"
    case .textCompletion: "text_completion"
    case .embeddings: "embeddings"
    case .other: "other"
    case .rerank: "rerank"
    case .imageGeneration: "image_generation"
    case .transcription: "transcription"
    case .speech: "speech"
    case .moderation: "moderation"
    }
  }
}

/// How one attempt at a deployment ended.
@frozen
public enum AttemptOutcome: UInt8, CaseIterable, Sendable {
  case success
  /// A 4xx that is the caller's fault.
  case clientError
  case rateLimited
  case serverError
  case connectFailed
  case timedOut
  /// The connection broke, or the stream ended before its terminator.
  case interrupted
  /// The answer was not what the protocol says.
  case malformed
  /// The client left first.
  case cancelled
  /// Cancelled, because another attempt at the same request delivered first.
  case hedged

  public var label: String { "\(name)" }

  public var name: StaticString {
    switch self {
    case .success: "success"
    case .clientError: "client_error"
    case .rateLimited: "rate_limited"
    case .serverError: "server_error"
    case .connectFailed: "connect_failed"
    case .timedOut: "timeout"
    case .interrupted: "interrupted"
    case .malformed: "malformed"
    case .cancelled: "cancelled"
    case .hedged: "hedged"
    }
  }

  /// `error.type` of the conventions: absent on success.
  var errorType: String { self == .success ? "" : label }
}

/// By what affinity kept a request with others like it.
@frozen
public enum AffinityKeyLabel: UInt8, CaseIterable, Sendable {
  case session, prefix

  var label: String { "\(self)" }
}

/// Whether a request went where affinity would have it, or why not.
@frozen
public enum AffinityResult: UInt8, CaseIterable, Sendable {
  case kept, circuitOpen, full, failed, overtaken

  var label: String {
    switch self {
    case .kept: "kept"
    case .circuitOpen: "circuit_open"
    case .full: "full"
    case .failed: "failed"
    case .overtaken: "overtaken"
    }
  }
}

/// How hedging a request ended, where its delay was over.
@frozen
public enum HedgeOutcome: UInt8, CaseIterable, Sendable {
  case won, lost, failed, abandoned, withheld

  public var label: String {
    switch self {
    case .won: "won"
    case .lost: "lost"
    case .failed: "failed"
    case .abandoned: "abandoned"
    case .withheld: "withheld"
    }
  }
}

/// Why a request was refused before a provider was asked.
@frozen
public enum RejectionReason: UInt8, CaseIterable, Sendable {
  case malformedHead, headTooLarge, bodyTooLarge, malformedBody, slowClient, unauthorized
  case unknownModel, forbidden, noHealthyDeployment, overCapacity, notFound

  public var label: String {
    switch self {
    case .malformedHead: "malformed_head"
    case .headTooLarge: "head_too_large"
    case .bodyTooLarge: "body_too_large"
    case .malformedBody: "malformed_body"
    case .slowClient: "slow_client"
    case .unauthorized: "unauthorized"
    case .unknownModel: "unknown_model"
    case .forbidden: "forbidden"
    case .noHealthyDeployment: "no_healthy_deployment"
    case .overCapacity: "over_capacity"
    case .notFound: "not_found"
    }
  }
}

@frozen
public enum DecisionOutcome: UInt8, CaseIterable, Sendable {
  case routed, forbidden, unknownModel, unavailable

  public var label: String {
    switch self {
    case .routed: "routed"
    case .forbidden: "forbidden"
    case .unknownModel: "unknown_model"
    case .unavailable: "unavailable"
    }
  }
}

@frozen
public enum StreamSide: UInt8, CaseIterable, Sendable {
  case client, upstream

  public var label: String { self == .client ? "client" : "upstream" }
}

@frozen
public enum ReloadResult: UInt8, CaseIterable, Sendable {
  case applied, unchanged, refused

  public var label: String {
    switch self {
    case .applied: "applied"
    case .unchanged: "unchanged"
    case .refused: "refused"
    }
  }
}

/// Status codes that get a series of their own; the rest share `other`.
public enum StatusLabel {
  static let codes: [UInt16] = [
    200, 201, 204, 400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422, 429, 431, 499, 500, 501,
    502, 503, 504, 529,
  ]
  static let rows: [String] = codes.map(String.init) + ["other"]

  /// The row of each code below 600.
  static let rowOfCode: [UInt8] = (0..<600).map { code in
    UInt8(codes.firstIndex(of: UInt16(code)) ?? codes.count)
  }
}

/// `error.type` of a request as the gateway's clients see it: the status where it has a row of its
/// own, else its class. Absent below 400.
enum RequestErrorLabel {
  static let rows = ["", "4xx", "401", "429", "499", "5xx", "502", "503", "504"]

  /// The row of each code below 600.
  static let rowOfCode: [UInt8] = (0..<600).map { code in
    let row = rows.firstIndex(of: String(code)) ?? (code < 400 ? 0 : code < 500 ? 1 : 5)
    return UInt8(row)
  }
}

/// Of tokens: audio where the provider counts it apart.
enum TokenModality {
  static let rows = ["unknown", "audio"]
}

/// What a list of models has changed.
public enum DiscoveryChangeLabel: UInt8, CaseIterable, Sendable {
  case added, vanished, returned, removed

  public var label: String { "\(self)" }
}

/// How a health probe ended.
public enum ProbeResultLabel: UInt8, CaseIterable, Sendable {
  case success, failure, inconclusive

  public var label: String { "\(self)" }
}
