// SPDX-License-Identifier: MIT

public import EventLoop

/// Reloads the policies when a file of their folder changes, or at a signal. Confined to its loop;
/// `POST /policies/reload` does the same by the same call.
///
/// While a reload runs, any number of further causes lead to one more.
public final class PolicyTriggers {
  public enum Cause: String, Sendable {
    case fileChange = "file change"
    case signal
    /// `POST /policies/reload`.
    case request
    /// `POST /policies/rollback`.
    case rollback
  }

  /// Hears what came of a reload and what caused it; on no particular thread.
  public typealias Report = @Sendable (Cause, ReloadOutcome) -> Void

  /// Folders watched at most; changes in further ones need a signal or a POST.
  public static let watchesMaximum = 256

  private let loop: Loop
  private let folder: PolicyFolder
  private let state: any PolicyServiceState
  private let report: Report
  private var watches: [String: FileWatch] = [:]
  private var signalWatch: SignalWatch?
  private var isRunning = false
  private var waiting: Cause?
  private var isClosed = false

  /// - Parameter signal: such as `SIGHUP`; nil for none.
  /// - Throws: when the folder does not exist or the system has no more watches.
  public init(
    on loop: Loop, folder: PolicyFolder, state: any PolicyServiceState, signal: Int32?,
    report: @escaping Report
  ) throws(LoopError) {
    self.loop = loop
    self.folder = folder
    self.state = state
    self.report = report
    for path in folder.paths { watches[path] = try watch(path) }
    watchFolders()
    guard let signal else { return }
    do throws(LoopError) {
      signalWatch = try SignalWatch(on: loop, signal: signal) { [unowned self] in fire(.signal) }
    } catch {
      closeWatches()
      throw error
    }
  }

  deinit { assert(isClosed || watches.isEmpty, "triggers were dropped without close()") }

  /// Ends the watching; a reload under way goes on.
  public func close() {
    isClosed = true
    closeWatches()
    signalWatch?.close()
    signalWatch = nil
  }

  private func closeWatches() {
    for watch in watches.values { watch.close() }
    watches = [:]
  }

  private func watch(_ path: String) throws(LoopError) -> FileWatch {
    try FileWatch(on: loop, path: path) { [unowned self] in fire(.fileChange) }
  }

  /// Folders come and go: looked at anew with each change. One that cannot be watched is left to
  /// the other causes.
  private func watchFolders() {
    let present = folder.folders().prefix(Self.watchesMaximum)
    for path in watches.keys where !folder.paths.contains(path) && !present.contains(path) {
      watches.removeValue(forKey: path)?.close()
    }
    for path in present where watches[path] == nil { watches[path] = try? watch(path) }
  }

  private func fire(_ cause: Cause) {
    if isClosed { return }
    if isRunning {
      waiting = cause
      return
    }
    isRunning = true
    watchFolders()
    // SAFETY: sent to the task and back to the loop, and touched on the loop only.
    nonisolated(unsafe) let triggers = self
    let (loop, state, report) = (loop, state, report)
    Task {
      let outcome = await state.reload()
      report(cause, outcome)
      loop.execute { triggers.finished() }
    }
  }

  private func finished() {
    isRunning = false
    guard let cause = waiting else { return }
    waiting = nil
    fire(cause)
  }
}
