// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// Rankings, images, audio and moderations: requests pass to servers with OpenAI's API whatever is
/// in them, JSON or a form. The gateway looks for the model, and for what is paid for.
extension Worker {
  /// What a moderation is asked of that names no model.
  static let moderationModel: StaticString = "omni-moderation-latest"

  // MARK: Requests

  /// Fills what facts there are. Answers the request and returns false when the body is no request.
  func scanMedia(_ client: Client) -> Bool {
    if let type = requestFields(client).value(of: .contentType),
      HeaderParameters(type).value.equalsIgnoringCase("multipart/form-data")
    {
      return scanForm(client, type)
    }
    guard scanObject(client) else { return false }
    let facts = client.pointee.exchange.facts
    for member in [ChatRequestMember.model, .stream] where !member.accepts(facts[member].kind) {
      refuseParameter(client, member, "must be \(Self.expectation(member))")
      return false
    }
    return hasModel(client, facts)
  }

  private func scanForm(_ client: Client, _ contentType: ByteView) -> Bool {
    let body = body(of: client)
    let fields: FormFields
    do throws(FormFields.Failure) {
      fields = try FormFields(contentType: contentType, body: body)
    } catch {
      let complaint =
        switch error {
        case .boundary: "its Content-Type has no valid boundary"
        case .malformed(let error): "\(error.sentence)"
        case .cut: "it ends before its last boundary"
        }
      refuse(client, GatewayError(.malformedForm, "The form is malformed: \(complaint)."))
      return false
    }
    if let name = fields.ambiguous {
      refuse(
        client,
        GatewayError(
          .malformedForm, "The field '\(name)' occurs more than once, or is a file.",
          parameter: "\(name)"))
      return false
    }
    client.pointee.exchange.isForm = true
    client.pointee.exchange.units = -Int64(fields.fileBytes)
    if let range = fields.model {
      // As a string of JSON stands between its quotes, this one does between line ends.
      client.pointee.exchange.facts.model = JSONSpan(
        range: ByteRange(start: range.start - 1, count: range.count + 2), kind: .string)
    }
    if let range = fields.stream, body[range].equals("true") {
      client.pointee.exchange.facts.stream = JSONSpan(range: range, kind: .true)
    }
    if let range = fields.count {
      client.pointee.exchange.facts.n = JSONSpan(range: range, kind: .number)
    }
    return hasModel(client, client.pointee.exchange.facts)
  }

  /// The one edit to a form: the model's name.
  func formPatch(_ client: Client, _ scratch: inout ByteWriter) -> JSONPatch {
    var patch = JSONPatch()
    let span = client.pointee.exchange.facts.model
    let deployment = currentDeployment(client).pointee.deployment
    let wanted =
      deployment.isOpen ? openModel(client, deployment) : deployment.upstreamModel
    guard span.isPresent, !body(of: client)[span.contents].equals(wanted) else { return patch }
    let start = scratch.count
    scratch.append(wanted)
    _ = patch.replace(span.contents, with: ByteRange(start, scratch.count))
    return patch
  }

  // MARK: Answers

  /// Whether an answer is neither JSON nor a stream of events: sound, or plain text. It passes as
  /// it comes; but no API answers with a page, which is some proxy's.
  func isBinary(_ headBytes: ByteView) -> Bool {
    guard let type = responseFields.value(of: .contentType, in: headBytes) else { return false }
    let value = HeaderParameters(type).value
    return !value.equalsIgnoringCase("application/json") && !value.equalsIgnoringCase("text/html")
  }

  /// Most bytes of an answer that is read for what it says of its length.
  private static let readBytesMaximum = 1 << 20

  /// Notes what an answer says of milliseconds or searches.
  func noteUnits(_ client: Client, _ whole: ByteView) {
    let endpoint = client.pointee.exchange.endpoint
    guard whole.count <= Self.readBytesMaximum,
      endpoint == .rerank || endpoint.metric == .transcription,
      let root = try? JSONTree().parse(whole)
    else { return }
    if endpoint == .rerank {
      let units = root["meta"]?["billed_units"]?["search_units"]?.fragment.double ?? 1
      client.pointee.exchange.units = units > 0 && units < 1e9 ? Int64(units.rounded(.up)) : 1
      return
    }
    let seconds = (root["usage"]?["seconds"] ?? root["duration"])?.fragment.double
    if let seconds, seconds > 0, seconds < 1e9 {
      client.pointee.exchange.units = Int64((seconds * 1_000).rounded(.up))
    }
  }

  // MARK: Costs

  /// Bytes of a compressed recording to a second: 128 kbit/s.
  private static let audioBytesPerSecond: Int64 = 16_000

  /// What is charged by other units than tokens, or not at all.
  func chargeOtherwise(
    _ client: Client, _ outcome: Telemetry.AttemptOutcome, _ now: UInt64
  ) {
    client.pointee.exchange.bill = Bill()
    let usage = client.pointee.exchange.usage
    let hasTokens =
      client.pointee.exchange.hasUsage && usage.promptTokens | usage.completionTokens != 0
    guard client.pointee.exchange.endpoint.task == .media,
      hasTokens || wasServed(client, outcome)
    else { return }
    let model = currentDeployment(client).pointee.deployment.model
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    let prices = catalog.unitPrices(model)
    let (unit, count, isGuessed) = units(client)
    var bill = Bill()
    bill.isCharged = true
    bill.isEstimated = isGuessed && prices[unit] > 0
    if hasTokens {
      bill.tokens = TokenBuckets(usage)
    } else if prices[unit] == 0 {
      bill.tokens = TokenBuckets(input: estimatedInputTokens(client), output: 0)
      bill.isEstimated = true
    }
    bill.cost =
      prices.cost(of: count, unit) + catalog.cost(of: bill.tokens, model: model, tier: .standard)
    client.pointee.exchange.bill = bill
    client.pointee.exchange.totalCost = client.pointee.exchange.totalCost + bill.cost
    let row = currentDeployment(client).pointee.modelMetricRow
    metrics.spent(
      model: row, picodollars: bill.cost.picodollars, isEstimated: bill.isEstimated)
    if hasTokens { countTokens(client, row, now, outcome) }
  }

  /// What is paid for besides tokens, and whether its number is a guess.
  private func units(_ client: Client) -> (BillingUnit, Int64, isGuessed: Bool) {
    let facts = client.pointee.exchange.facts
    let body = body(of: client)
    let units = client.pointee.exchange.units
    switch client.pointee.exchange.endpoint {
    case .imageGenerations, .imageEdits, .imageVariations:
      return (.image, facts.n.integer(in: body) ?? 1, false)
    case .speech: return (.character, Self.characterCount(body[facts.input.contents]), false)
    case .transcriptions, .audioTranslations:
      return units > 0
        ? (.minute, units, false) : (.minute, -units * 1_000 / Self.audioBytesPerSecond, true)
    case .rerank: return (.search, max(units, 1), false)
    default: return (.none, 0, false)
    }
  }

  /// Characters of a JSON string's contents; one that is escaped is one, and so are the two halves
  /// of one.
  static func characterCount(_ contents: ByteView) -> Int64 {
    var count: Int64 = 0
    var index = 0
    while index < contents.count {
      let byte = contents[index]
      if byte == UInt8(ascii: "\\"), index + 1 < contents.count {
        let isCode = contents[index + 1] == UInt8(ascii: "u")
        // The second half of a pair is from DC00 to DFFF.
        let isSecond =
          isCode && index + 3 < contents.count && contents[index + 2] | 0x20 == 0x64
          && [0x63, 0x64, 0x65, 0x66].contains(contents[index + 3] | 0x20)
        count += isSecond ? 0 : 1
        index += isCode ? 6 : 2
      } else {
        count += byte & 0xc0 == 0x80 ? 0 : 1
        index += 1
      }
    }
    return count
  }
}
