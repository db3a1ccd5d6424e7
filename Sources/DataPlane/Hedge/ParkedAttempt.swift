// SPDX-License-Identifier: MIT

internal import Clocks
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import Routing
internal import Telemetry

/// An attempt of an exchange that has another one in its own fields: what `Exchange` knows of an
/// attempt and its answer, for a while in another place.
struct ParkedAttempt {
  var upstream: Upstream?
  var foreign: Unmanaged<ForeignCall>?
  var step = 0
  var admission = Admission.refused(untilMilliseconds: 0)
  var hasAdmission = false
  var placeCount: UInt8 = 0
  var attemptStartNanoseconds: UInt64 = 0
  var credentialGeneration: UInt32 = 0
  var credentialSkew = Interval.zero
  var isCredentialRefused = false
  var hasShownCredentialAgain = false
  var waitsFor = ExchangeWait.nothing

  // Its answer.
  var firstByteNanoseconds: UInt64 = 0
  var mode = ResponseMode.buffered
  var upstreamStatus: UInt16 = 0
  var splitter = ServerSentEventSplitter()
  var fields: PooledBuffer?
  var held: PooledBuffer?
  var retryAfterMilliseconds: Int64 = -1
  var upstreamDateSeconds: Int64 = 0
  var hasCacheControl = false
  var hasRequestID = false
  var hasSeenEvent = false
  var hasSeenDone = false
  var hasSeenError = false
  var usage = TokenUsage()
  var hasUsage = false
  var answerByteCount = 0
  var chunkCount: UInt32 = 0
  var chunkSeries: HistogramSeries?
  var lastChunkMilliseconds: UInt64 = 0
  var bill = Bill()

  // Its span.
  var attemptSpanID: UInt64 = 0
  var isIdentified = false
  var answer: PooledBuffer?
  var content: PooledBuffer?

  // What only a hedge knows of its attempts.
  /// When its wait is over.
  var deadlineMilliseconds = UInt64.max
  /// Which of the exchange's attempts it is, from 1.
  var number = 0
}

extension Exchange {
  /// Changes places: the parked attempt is the one under way, and the other way round. Everything
  /// else of the exchange belongs to both. A test holds the two lists together.
  mutating func swapAttempt(with parked: inout ParkedAttempt) {
    swap(&upstream, &parked.upstream)
    swap(&foreign, &parked.foreign)
    swap(&step, &parked.step)
    swap(&admission, &parked.admission)
    swap(&hasAdmission, &parked.hasAdmission)
    swap(&placeCount, &parked.placeCount)
    swap(&attemptStartNanoseconds, &parked.attemptStartNanoseconds)
    swap(&credentialGeneration, &parked.credentialGeneration)
    swap(&credentialSkew, &parked.credentialSkew)
    swap(&isCredentialRefused, &parked.isCredentialRefused)
    swap(&hasShownCredentialAgain, &parked.hasShownCredentialAgain)
    swap(&waitsFor, &parked.waitsFor)
    swapAnswer(with: &parked)
    guard let trace = tracing else { return }
    swap(&trace.pointee.attemptSpanID, &parked.attemptSpanID)
    swap(&trace.pointee.isIdentified, &parked.isIdentified)
    swap(&trace.pointee.answer, &parked.answer)
    swap(&trace.pointee.content, &parked.content)
  }

  private mutating func swapAnswer(with parked: inout ParkedAttempt) {
    swap(&firstByteNanoseconds, &parked.firstByteNanoseconds)
    swap(&mode, &parked.mode)
    swap(&upstreamStatus, &parked.upstreamStatus)
    swap(&splitter, &parked.splitter)
    swap(&fields, &parked.fields)
    swap(&held, &parked.held)
    swap(&retryAfterMilliseconds, &parked.retryAfterMilliseconds)
    swap(&upstreamDateSeconds, &parked.upstreamDateSeconds)
    swap(&hasCacheControl, &parked.hasCacheControl)
    swap(&hasRequestID, &parked.hasRequestID)
    swap(&hasSeenEvent, &parked.hasSeenEvent)
    swap(&hasSeenDone, &parked.hasSeenDone)
    swap(&hasSeenError, &parked.hasSeenError)
    swap(&usage, &parked.usage)
    swap(&hasUsage, &parked.hasUsage)
    swap(&answerByteCount, &parked.answerByteCount)
    swap(&chunkCount, &parked.chunkCount)
    swap(&chunkSeries, &parked.chunkSeries)
    swap(&lastChunkMilliseconds, &parked.lastChunkMilliseconds)
    swap(&bill, &parked.bill)
  }
}
