// SPDX-License-Identifier: MIT

public import ControlPlane

/// What `POST /route` asks: which model would serve this request of this caller.
public struct RouteQuery: Sendable, Equatable {
  public var userID: String?
  public var teamID: String?
  /// A model, a group or alias, a glob, or `auto`.
  public var requestedModel: String
  /// US dollars left to the caller, in ten-thousandths; nil for no budget.
  public var budgetRemainingTenThousandths: Int64?
  public var latencySLAMilliseconds: Int64?
  public var estimatedInputTokens: Int64?
  public var maximumOutputTokens: Int64?
  public var isStream = false
  public var hasTools = false
  public var hasImages = false
  public var useCase: String?
  /// The session by which `affinity` keeps requests together.
  public var sessionID: String?
  /// The prompt's parts by whose beginning `affinity` keeps requests together, each as it stands in
  /// a request: tools, system, messages.
  public var prompt: [String] = []
  public var tags: [String] = []

  public init(requestedModel: String) { self.requestedModel = requestedModel }
}

extension RouteQuery {
  static let textBytesMaximum = 1_024
  static let tagsMaximum = 8
  static let promptPartsMaximum = 8
  /// Cedar's decimal holds up to 922,337,203,685,477 with four fraction digits.
  static let budgetMaximum = 900_000_000_000_000.0
  static let tokensMaximum: Int64 = 1_000_000_000

  /// Reads the body of a request; throws everything that is wrong with it.
  public init(_ body: JSONValue) throws(FieldProblems) {
    var fields = FieldReader(body)
    self.init(requestedModel: Self.text(&fields, "requested_model", isRequired: true) ?? "")
    userID = Self.text(&fields, "user_id")
    teamID = Self.text(&fields, "team_id")
    useCase = Self.text(&fields, "use_case")
    sessionID = Self.text(&fields, "session_id")
    if let budget = fields.number("budget_remaining") {
      if abs(budget) > Self.budgetMaximum {
        fields.refuse("budget_remaining", "must be from -9e14 to 9e14")
      } else {
        budgetRemainingTenThousandths = Int64((budget * 10_000).rounded())
      }
    }
    latencySLAMilliseconds = fields.integer("latency_sla_ms", in: 0...86_400_000)
    estimatedInputTokens = fields.integer("estimated_input_tokens", in: 0...Self.tokensMaximum)
    maximumOutputTokens = fields.integer("max_output_tokens", in: 0...Self.tokensMaximum)
    isStream = fields.boolean("stream") ?? false
    hasTools = fields.boolean("has_tools") ?? false
    hasImages = fields.boolean("has_images") ?? false
    prompt = fields.strings("prompt") ?? []
    if prompt.count > Self.promptPartsMaximum {
      fields.refuse("prompt", "must have at most \(Self.promptPartsMaximum) elements")
    }
    tags = fields.strings("tags") ?? []
    if tags.count > Self.tagsMaximum {
      fields.refuse("tags", "must have at most \(Self.tagsMaximum) elements")
    }
    fields.refuseUnknownNames()
    if !fields.problems.isEmpty { throw FieldProblems(fields.problems) }
  }

  private static func text(
    _ fields: inout FieldReader, _ name: String, isRequired: Bool = false
  ) -> String? {
    guard let text = isRequired ? fields.requiredString(name) : fields.string(name) else {
      return nil
    }
    if text.isEmpty { fields.refuse(name, "must not be empty") }
    if text.utf8.count > textBytesMaximum {
      fields.refuse(name, "must have at most \(textBytesMaximum) bytes")
    }
    return text
  }
}

/// Everything that is wrong with a request body.
public struct FieldProblems: Error, Sendable, Equatable {
  public let all: [FieldProblem]

  public init(_ all: [FieldProblem]) { self.all = all }
}
