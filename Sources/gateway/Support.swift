// SPDX-License-Identifier: MIT

import Configuration
import DataPlane
import EventLoop
import Glibc
import Network
import PolicyService
import Routing

/// The numeric address of a listener's host.
func numericAddress(_ host: String, _ port: UInt16) throws -> SocketAddress {
  let numeric = host == "localhost" ? "127.0.0.1" : host
  guard let address = SocketAddress(host: numeric, port: port) else {
    throw StartFailure(
      message: "`\(host)` is no address to listen on: write 127.0.0.1, 0.0.0.0, ::1 or another "
        + "numeric address")
  }
  return address
}

/// Writes to standard output or error. What cannot be written is nobody's to read.
func write(_ text: String, to descriptor: Int32) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if errno != EINTR {
      return
    }
  }
}

/// As many descriptors as the system allows: every client and every upstream connection is one.
func raiseFileLimit() {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

extension CircuitState {
  /// As the metric `gateway_circuit_state` counts: 0 closed, 1 half open, 2 open.
  var metricValue: Int64 {
    switch self {
    case .closed: 0
    case .halfOpen: 1
    case .open: 2
    }
  }
}

extension DecisionRecord {
  /// In the words of the policy router.
  var policyDecision: RoutingDecision {
    RouteExplanation(
      snapshot: snapshot, plan: plan, candidates: candidates, requestedModel: requestedModel,
      estimatedInputTokens: estimatedInputTokens,
      cacheUse: servedBy.map {
        .init(deployment: $0, readTokens: cacheReadTokens, saved: cacheSaving)
      }
    ).decision(
      identifier: id, errors: [], evaluationMicroseconds: Double(decisionNanoseconds) / 1_000)
  }
}
