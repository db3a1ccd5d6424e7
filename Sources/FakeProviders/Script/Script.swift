// SPDX-License-Identifier: MIT

/// What one request asks the scripted provider to do beside answering.
///
/// It is written as `key=value` pairs: in the request's user field (`user`, at Anthropic
/// `metadata.user_id`), `"user": "script:delay_ms=10,chunk_tokens=1"`; in the text of the last
/// message, `[[script:delay_ms=10]]`, which passes every translation; or as one header per key,
/// `x-scripted-delay-ms: 10`. What stands later in this list wins. Flags may stand without a
/// value. Values in the field and in the text are percent-decoded, so that a comma can be written
/// `%2C`. An unknown key or a value out of range is a 400 that names it: a misspelt fault must not
/// pass as a success.
public struct Script: Sendable, Equatable {
  /// `delay_ms`: pause before the first byte of the head.
  public var delayMilliseconds = 0
  /// `first_chunk_delay_ms`: pause between the head and the first byte of the body.
  public var firstChunkDelayMilliseconds = 0
  /// `chunk_delay_ms`: pause before each further chunk of a stream.
  public var chunkDelayMilliseconds = 0
  /// `chunk_tokens`: tokens per chunk of a stream.
  public var chunkTokens = 1
  /// `tokens`: make the answer exactly so many tokens long.
  public var answerTokens: Int?
  /// `text`: the answer itself.
  public var answerText: String?
  /// `call`: the answer calls this tool, offered or not: `NAME` or `NAME:ARGUMENTS`, where the
  /// arguments are any text. Each further `call` is one more, in parallel.
  public var calls: [Call] = []
  /// `before` and `after`: words before the calls, and a text block after everything else.
  public var textBeforeCalls: String?
  public var textAfterCalls: String?
  /// `reasoning` or `reasoning_tokens`: reasoning before the answer, asked for or not.
  public var reasoningText: String?
  public var reasoningTokens: Int?
  /// `hidden_reasoning`: so many tokens of reasoning that is only counted or sent encrypted.
  public var hiddenReasoningTokens: Int?
  /// `refusal`: the model refuses in words, and the finish reason says so.
  public var endsWithRefusal = false
  /// `block_prompt`: Gemini's answer without candidates; elsewhere the content filter's error.
  public var blocksPrompt = false
  /// `finish`: the ending, whatever the answer.
  var finish: ScriptedAnswer.Ending?
  /// `native_finish`: the text of the finish reason on the wire, whatever the ending.
  public var nativeFinish: String?
  /// `cached_tokens` and `cache_write_tokens`: the part of the prompt that came from, and went to,
  /// the prompt cache.
  public var cachedTokens = 0
  public var cacheWriteTokens = 0
  /// `status`: an error status with the provider's error body for it; from 400 to 599.
  public var status: Int?
  /// `error`: an error of this class, in the provider's own status, words and shape.
  var errorKind: ProviderError.Kind?
  /// `error_code`: the `code` within that error body.
  public var errorCode: String?
  /// `retry_after`: seconds, as `Retry-After`.
  public var retryAfterSeconds: Int?
  /// `retry_after_ms`: as `retry-after-ms`.
  public var retryAfterMilliseconds: Int?
  /// `html`: an HTML error page, as a proxy in front of a provider sends (status, else 502).
  public var isHTML = false
  /// `error_body`: status 200, or a stream, whose content is an error object.
  public var hasErrorBody = false
  /// `error_at_chunk`: an error event in the stream before chunk N (from 0), and then the end.
  public var errorAtChunk: Int?
  /// `malformed_chunk`: chunk N (from 0) of the stream is not JSON; without a stream: the body.
  public var malformedChunk: Int?
  /// `no_done`: the stream ends without its last event: `[DONE]`, `message_stop`, `metadata` …
  public var omitsDone = false
  /// `no_finish`: the stream ends before the chunk that has the finish reason.
  public var omitsFinish = false
  /// `no_usage`: no usage anywhere, as some compatible servers answer.
  public var omitsUsage = false
  /// `usage_with_finish`: usage within the chunk that has the finish reason, as some servers of
  /// OpenAI's protocol send it.
  public var mergesUsageIntoFinish = false
  /// `unknown_event`: an event of a kind that is not known yet, after the first one.
  public var sendsUnknownEvent = false
  /// `sse_crlf`, `sse_cr`, `sse_comments`, `sse_multiline`, `sse_no_space`, `sse_bom`,
  /// `sse_no_last_blank`: legal but rarer forms of the stream's framing.
  public var eventForms = EventForms()
  /// `gzip`: the body is compressed, each part flushed, whether or not the client accepts it.
  public var compresses = false
  /// `bad_crc`: frame N (from 0) of a Bedrock stream has a wrong checksum.
  public var corruptFrame: Int?
  /// `wire`: answer as this provider of the same family does (`azure deepseek xai vllm openai`).
  var wire: Wire?
  /// `split_bytes`: writes of at most N bytes, `split_delay_ms` apart.
  public var splitBytes: Int?
  public var splitDelayMilliseconds = 0
  /// `reset_at`, `cut_at`, `stall_at`: after N bytes of the body (as framed on the wire), and
  /// `reset`, `cut`, `stall` before the first byte of the head.
  /// `half`: close in the middle of the body.
  public var interruption: Interruption?
  /// `close`: `Connection: close` and close after the answer.
  public var closesConnection = false
  /// `eof`: a body that ends with the connection, without length or chunks.
  public var isFramedByClose = false
  /// `malformed_head`: a status line that is none.
  public var hasMalformedHead = false
  /// `header_bytes`: one more header with a value of N bytes.
  public var paddingHeaderBytes: Int?
  /// `interim`: a 103 before the answer.
  public var sendsInterimResponse = false
  /// `times` and `id`: only the first N requests with the same id are treated so.
  public var times: Int?
  public var identifier = ""

  public init() {}

  /// One tool call that the answer is to have.
  public struct Call: Sendable, Equatable {
    public var name: String
    /// Nil for an instance of the tool's schema.
    public var arguments: String?

    public init(name: String, arguments: String? = nil) {
      self.name = name
      self.arguments = arguments
    }
  }

  /// Forms of server-sent events that a reader must understand.
  public struct EventForms: Sendable, Equatable {
    /// Lines end with CR LF, or with CR alone.
    public var usesCarriageReturnsAndLineFeeds = false
    public var usesCarriageReturns = false
    /// A comment before each event.
    public var sendsComments = false
    /// The data of an event in two lines.
    public var splitsDataLines = false
    /// No space after the colon.
    public var omitsSpaces = false
    /// A byte order mark before everything.
    public var startsWithByteOrderMark = false
    /// No blank line after the last event: a strict reader drops it.
    public var omitsLastBlankLine = false

    public init() {}
  }

  /// Where and how an answer breaks off.
  public struct Interruption: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
      /// TCP reset.
      case reset
      /// An orderly close.
      case cut
      /// Nothing more, connection open.
      case stall
    }
    public enum Position: Sendable, Equatable {
      case beforeHead
      case afterBodyBytes(Int)
      case halfOfBody
    }
    public var kind: Kind
    public var position: Position

    public init(_ kind: Kind, _ position: Position) {
      self.kind = kind
      self.position = position
    }
  }
}
