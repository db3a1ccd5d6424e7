// SPDX-License-Identifier: MIT

/// What the words of the language mean, for hover and completion.
enum LanguageWords {
  struct Function {
    /// The type that a method belongs to; nil for a function.
    let receiver: String?
    let signature: String
    let meaning: String

    init(_ receiver: String?, _ signature: String, _ meaning: String) {
      self.receiver = receiver
      self.signature = signature
      self.meaning = meaning
    }
  }

  static let functions: [String: Function] = [
    "ip": Function(nil, "ip(text: String): ipaddr", "An IPv4 or IPv6 address or range."),
    "decimal": Function(
      nil, "decimal(text: String): decimal", "A number with up to four fraction digits."),
    "datetime": Function(
      nil, "datetime(text: String): datetime", "A day or an instant, as ISO 8601 writes it."),
    "duration": Function(nil, "duration(text: String): duration", "Such as `1d2h3m4s5ms`."),
    "contains": Function("Set", "set.contains(value): Bool", "Whether the value is a member."),
    "containsAll": Function(
      "Set", "set.containsAll(other: Set): Bool", "Whether every member of the other is one."),
    "containsAny": Function(
      "Set", "set.containsAny(other: Set): Bool", "Whether some member of the other is one."),
    "isEmpty": Function("Set", "set.isEmpty(): Bool", "Whether there are no members."),
    "getTag": Function(
      "entity", "entity.getTag(name: String)", "The tag's value; an error when there is none."),
    "hasTag": Function("entity", "entity.hasTag(name: String): Bool", "Whether it has the tag."),
    "isIpv4": Function("ipaddr", "ipaddr.isIpv4(): Bool", "Whether it is IPv4."),
    "isIpv6": Function("ipaddr", "ipaddr.isIpv6(): Bool", "Whether it is IPv6."),
    "isLoopback": Function("ipaddr", "ipaddr.isLoopback(): Bool", "Whether it is loopback."),
    "isMulticast": Function("ipaddr", "ipaddr.isMulticast(): Bool", "Whether it is multicast."),
    "isInRange": Function(
      "ipaddr", "ipaddr.isInRange(range: ipaddr): Bool", "Whether it lies in the range."),
    "lessThan": Function("decimal", "decimal.lessThan(other: decimal): Bool", "`<`."),
    "lessThanOrEqual": Function(
      "decimal", "decimal.lessThanOrEqual(other: decimal): Bool", "`<=`."),
    "greaterThan": Function("decimal", "decimal.greaterThan(other: decimal): Bool", "`>`."),
    "greaterThanOrEqual": Function(
      "decimal", "decimal.greaterThanOrEqual(other: decimal): Bool", "`>=`."),
    "offset": Function(
      "datetime", "datetime.offset(by: duration): datetime", "The instant so much later."),
    "durationSince": Function(
      "datetime", "datetime.durationSince(other: datetime): duration", "The time between."),
    "toDate": Function("datetime", "datetime.toDate(): datetime", "The day, without the time."),
    "toTime": Function("datetime", "datetime.toTime(): duration", "The time of the day."),
    "toMilliseconds": Function("duration", "duration.toMilliseconds(): Long", "In ms."),
    "toSeconds": Function("duration", "duration.toSeconds(): Long", "In whole seconds."),
    "toMinutes": Function("duration", "duration.toMinutes(): Long", "In whole minutes."),
    "toHours": Function("duration", "duration.toHours(): Long", "In whole hours."),
    "toDays": Function("duration", "duration.toDays(): Long", "In whole days."),
  ]

  /// The annotations of routing policies.
  static let annotations: [String: String] = [
    "id": "The policy's name in answers, headers and records.",
    "description": "For people.",
    "reason": "For people: why the policy is there.",
    "owner": "For people: who answers for it.",
    "priority": "Rank of what this permit allows; 0 unless said. The highest decides.",
    "weight": "Share under the strategy `weighted`.",
    "strategy":
      "Order of what ranks equally: `cost`, `latency`, `least-busy`, `weighted`, `order`.",
    "max_output_tokens": "Caps the answer, in tokens.",
    "timeout_ms": "Caps the whole request, in milliseconds.",
    "hedge":
      "Asks a second deployment after this long without an answer: `250ms`, `2s`, `p95`.",
    "keep_alive_ms":
      "After so many silent milliseconds a stream's client gets a sign of life; 0 for none.",
    "fallback": "A group to try when the candidates are exhausted.",
    "cache": "`on` or `off`: whether the answer may be stored.",
    "tag": "A word kept in the decision record.",
  ]

  static let keywords: [String: String] = [
    "permit": "Allows what its scope and conditions fit, unless a `forbid` does too.",
    "forbid": "Denies what its scope and conditions fit, whatever permits say.",
    "when": "The policy applies only where this is true.",
    "unless": "The policy applies only where this is false.",
    "has": "Whether an attribute is there: `context has use_case`.",
    "like": "Whether a string fits a pattern; `*` stands for any run of characters.",
    "is": "Whether an entity is of a type: `principal is User`.",
    "in": "Whether an entity is in another, itself included, over any number of levels.",
    "if": "`if test then value else value`.",
  ]

  /// Words that begin an operand or stand between operands.
  static let expressionWords = ["true", "false", "if", "then", "else", "has", "like", "is", "in"]
}
