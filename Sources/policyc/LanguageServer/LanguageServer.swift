// SPDX-License-Identifier: MIT

import CedarSyntax
import Foundation

/// The server's side of the Language Server Protocol 3.17: a message in, messages out.
///
/// States: before `initialize` only that request is answered; after `shutdown` only `exit`.
final class LanguageServer {
  private enum State {
    case new
    case ready
    case shutDown
    case ended
  }

  /// Error codes of JSON-RPC and of the protocol.
  enum ErrorCode: Int64 {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case notInitialized = -32002
    case requestFailed = -32803
  }

  struct Failure: Error {
    let code: ErrorCode
    let message: String
  }

  var workspace = Workspace()
  private let send: (CedarJSON) -> Void
  private var state = State.new
  private(set) var endsWell = false

  init(send: @escaping (CedarJSON) -> Void) {
    self.send = send
  }

  var hasEnded: Bool { state == .ended }

  func handle(_ incoming: MessageStream.Incoming) {
    switch incoming {
    case .invalid(let why): respond(.null, .failure(.init(code: .parseError, message: why)))
    case .message(let message):
      let parameters = message["params"] ?? .null
      guard let method = message["method"]?.string else {
        // An answer to a request of ours; there are none.
        if message["result"] == nil, message["error"] == nil {
          let failure = Failure(code: .invalidRequest, message: "a message has a `method`")
          respond(message["id"] ?? .null, .failure(failure))
        }
        return
      }
      if let id = message["id"] {
        respond(id, answer(method, parameters))
      } else {
        notice(method, parameters)
      }
    }
  }

  // MARK: messages out

  private func respond(_ id: CedarJSON, _ result: Result<CedarJSON, Failure>) {
    let content: (String, CedarJSON) =
      switch result {
      case .success(let value): ("result", value)
      case .failure(let failure):
        (
          "error",
          .members(
            ("code", .integer(failure.code.rawValue)), ("message", .string(failure.message)))
        )
      }
    send(.members(("jsonrpc", .string("2.0")), ("id", id), content))
  }

  func notify(_ method: String, _ parameters: CedarJSON) {
    send(
      .members(("jsonrpc", .string("2.0")), ("method", .string(method)), ("params", parameters)))
  }

  // MARK: messages in

  private func answer(
    _ method: String, _ parameters: CedarJSON
  ) -> Result<CedarJSON, Failure> {
    switch (method, state) {
    case ("initialize", .new):
      state = .ready
      return .success(initialize(parameters))
    case (_, .new):
      return .failure(.init(code: .notInitialized, message: "`initialize` comes first"))
    case ("initialize", _), (_, .shutDown), (_, .ended):
      return .failure(.init(code: .invalidRequest, message: "`\(method)` does not come here"))
    case ("shutdown", .ready):
      state = .shutDown
      return .success(.null)
    case (_, .ready):
      do throws(Failure) {
        return .success(try request(method, parameters))
      } catch {
        return .failure(error)
      }
    }
  }

  private func request(_ method: String, _ parameters: CedarJSON) throws(Failure) -> CedarJSON {
    switch method {
    case "textDocument/hover": hover(parameters)
    case "textDocument/completion": completion(parameters)
    case "textDocument/definition": definition(parameters)
    case "textDocument/references": references(parameters)
    case "textDocument/prepareRename": prepareRename(parameters)
    case "textDocument/rename": try rename(parameters)
    case "textDocument/formatting": formatting(parameters)
    case "textDocument/codeAction": codeActions(parameters)
    case "textDocument/documentSymbol": documentSymbols(parameters)
    default: throw Failure(code: .methodNotFound, message: "`\(method)` is not offered")
    }
  }

  private func notice(_ method: String, _ parameters: CedarJSON) {
    if method == "exit" {
      endsWell = state == .shutDown
      state = .ended
      return
    }
    guard state == .ready else { return }
    let uri = parameters["textDocument"]?["uri"]?.string ?? ""
    let path = Workspace.path(of: uri)
    switch method {
    case "textDocument/didOpen":
      guard let text = parameters["textDocument"]?["text"]?.string else { return }
      set(uri, path, parameters["textDocument"]?["version"]?.integer, text)
    case "textDocument/didChange":
      // The whole text is asked for, so the last change is the text.
      guard let text = parameters["contentChanges"]?.array?.last?["text"]?.string else { return }
      set(uri, path, parameters["textDocument"]?["version"]?.integer, text)
    case "textDocument/didClose":
      workspace.close(path)
      publish(uri, nil, [])
    case "textDocument/didSave", "workspace/didChangeWatchedFiles": publishAll()
    default: break
    }
  }

  private func set(_ uri: String, _ path: String, _ version: Int64?, _ text: String) {
    let document = TextDocument(uri: uri, path: path, version: version, text: text)
    workspace.set(document)
    // A schema changes what is found in every policy that it is for.
    if document.isSchema { publishAll() } else { publishFindings(document) }
  }

  // MARK: initialize

  private func initialize(_ parameters: CedarJSON) -> CedarJSON {
    let folder =
      parameters["workspaceFolders"]?.array?.first?["uri"]?.string
      ?? parameters["rootUri"]?.string
    workspace.root = folder.map(Workspace.path)
    workspace.schemaPath = parameters["initializationOptions"]?["schema"]?.string.map { path in
      path.hasPrefix("/") ? path : "\(workspace.root ?? ".")/\(path)"
    }
    return .members(
      ("capabilities", Self.capabilities),
      (
        "serverInfo",
        .members(("name", .string("policyc")), ("version", .string(PolicyCommand.version)))
      ))
  }

  private static let capabilities = CedarJSON.members(
    ("positionEncoding", .string("utf-16")),
    (
      "textDocumentSync",
      .members(
        ("openClose", .bool(true)), ("change", .integer(1)), ("save", .bool(true)))
    ),
    ("hoverProvider", .bool(true)),
    (
      "completionProvider",
      .members(
        ("triggerCharacters", .array([".", "@", ":", "\""].map { .string($0) })))
    ),
    ("definitionProvider", .bool(true)), ("referencesProvider", .bool(true)),
    ("renameProvider", .members(("prepareProvider", .bool(true)))),
    ("documentFormattingProvider", .bool(true)), ("documentSymbolProvider", .bool(true)),
    (
      "codeActionProvider",
      .members(("codeActionKinds", .array([.string("quickfix")])))
    ))

  /// The document and the offset of a request about a place.
  func place(_ parameters: CedarJSON) -> (document: TextDocument, offset: Int)? {
    guard let document = document(parameters), let offset = document.offset(parameters["position"])
    else { return nil }
    return (document, offset)
  }

  func document(_ parameters: CedarJSON) -> TextDocument? {
    guard let uri = parameters["textDocument"]?["uri"]?.string else { return nil }
    return workspace.document(Workspace.path(of: uri))
  }
}
