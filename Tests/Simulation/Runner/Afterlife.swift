// SPDX-License-Identifier: MIT

import Clocks
import SimulatedWorld

/// When a client has its answer or is gone, no provider may be kept at work for it: an attempt of
/// which nothing has come is cancelled at once, and what was answered may end its framing within
/// the time that the gateway has for that.
struct Afterlife {
  private unowned let run: Run

  init(run: Run) { self.run = run }

  private static let cancelMilliseconds: Int64 = 100
  private static let finishMilliseconds: Int64 = 2_200

  /// The gateway's part in `record` is over.
  func watch(_ record: RequestRecord) {
    if run.plan.hasPauses { return }
    look(record, after: Self.cancelMilliseconds, beyondBegin: false)
    look(record, after: Self.finishMilliseconds, beyondBegin: true)
  }

  private func look(_ record: RequestRecord, after milliseconds: Int64, beyondBegin: Bool) {
    let run = run
    run.world.after(.milliseconds(milliseconds)) { [unowned run] in
      for server in run.servers {
        for connection in server.openConnections
        where connection.heldRecord === record && connection.isOpen(beyondBegin: beyondBegin) {
          run.fail(
            "s\(server.number) is still asked for \(record.plan.tag), which ended "
              + "\(milliseconds) ms ago")
        }
      }
    }
  }
}
