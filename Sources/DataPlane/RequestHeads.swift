// SPDX-License-Identifier: MIT

internal import Bytes
internal import HTTPWire

/// A request's head and its fields.
///
/// Good within the call that asked for it: until another head is parsed.
struct RequestFields {
  let head: ByteView
  let table: HeaderTable
  /// Stands for all the fields but Content-Length, as `HeadMemo` says.
  let generation: UInt64

  @inline(__always)
  func contains(_ header: KnownHeader) -> Bool { table.contains(header) }

  @inline(__always)
  func value(of header: KnownHeader) -> ByteView? { table.value(of: header, in: head) }

  /// The value of a field that occurs once; nil for none, and for two: whose would it be?
  func onlyValue(of header: KnownHeader) -> ByteView? {
    guard let index = table.firstIndex(of: header),
      table.firstIndex(of: header, from: index + 1) == nil
    else { return nil }
    return head[table[index].value]
  }

  /// Whether there is a field by this name, which has no `KnownHeader`.
  func contains(named lowercase: StaticString) -> Bool {
    table.value(named: lowercase, in: head) != nil
  }
}

/// The heads of requests. A worker has one table of fields for all of its clients, with those of
/// the head that was parsed last. Nobody gets at them but by saying whose they should be: while a
/// body is awaited other clients' heads come, and then the fields are parsed again.
struct RequestHeads {
  private var table: HeaderTable
  private var memo: HeadMemo<RequestHead>
  private let limits: HeadLimits
  /// Whose head is in the table; nil also where part of a head is, or a broken one.
  private var owner: Client?

  init(_ table: HeaderTable, _ memo: HeadMemo<RequestHead>, _ limits: HeadLimits) {
    self.table = table
    self.memo = memo
    self.limits = limits
  }

  /// Parses the head that `bytes` begin with, if it is complete.
  @inline(__always)
  mutating func parse(_ client: Client, _ bytes: ByteView) -> RequestHeadResult {
    let result = client.pointee.headParser.parse(
      bytes, limits: limits, table: &table, memo: &memo)
    if case .complete = result { owner = client } else { owner = nil }
    return result
  }

  /// The fields of a client's head.
  ///
  /// - Parameter head: its bytes, which have been parsed before; empty where they are not kept any
  ///   more, and then there are no fields.
  @inline(__always)
  mutating func fields(of client: Client, _ head: ByteView) -> RequestFields {
    if owner != client || head.isEmpty { return fieldsAgain(client, head) }
    return RequestFields(head: head, table: table, generation: memo.generation)
  }

  @inline(never)
  private mutating func fieldsAgain(_ client: Client, _ head: ByteView) -> RequestFields {
    guard !head.isEmpty else {
      var none = table
      none.removeAll()
      return RequestFields(head: .empty, table: none, generation: .max)
    }
    var parser = RequestHeadParser()
    _ = parser.parse(head, limits: limits, table: &table, memo: &memo)
    owner = client
    return RequestFields(head: head, table: table, generation: memo.generation)
  }

  /// The client is gone: another one may come by the same pointer.
  mutating func forget(_ client: Client) {
    if owner == client { owner = nil }
  }
}

extension Worker {
  /// The bytes of the request's head; empty where it was refused, or given back while its answer
  /// goes on.
  @inline(__always)
  func headBytes(_ client: Client) -> ByteView {
    let length = Int(client.pointee.head.length)
    let input = input(of: client)
    return length <= input.count ? input[0..<length] : .empty
  }

  @inline(__always)
  func requestFields(_ client: Client) -> RequestFields {
    requestHeads.fields(of: client, headBytes(client))
  }
}
