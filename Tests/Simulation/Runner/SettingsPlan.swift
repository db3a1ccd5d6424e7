// SPDX-License-Identifier: MIT

import Clocks
import DataPlane
import Routing

/// The part of the gateway's settings that differs from run to run.
struct SettingsPlan: CustomStringConvertible {
  var attemptsMaximum: Int64 = 3
  var totalMilliseconds: Int64 = 60_000
  var firstHeaderMilliseconds: Int64 = 5_000
  var betweenTokensMilliseconds: Int64 = 4_000
  var connectMilliseconds: Int64 = 2_000
  var upstreamIdleMilliseconds: Int64 = 10_000
  var budgetThousandths: Int64 = 1_000
  var budgetMinimumPerSecond: Int64 = 10
  var consecutiveFailures: Int64 = 5
  var relayBufferBytes: Int64 = 256 << 10
  var drainMilliseconds: Int64 = 30_000
  var upstreamConnectionsMaximum: Int64 = 4_096
  var bufferedResponseBytes = 4 << 20
  /// 0: streams are not kept alive.
  var keepAliveMilliseconds: Int64 = 0

  init() {}

  init(_ random: inout RandomSource) {
    attemptsMaximum = 1 + Int64(random.next(below: 4))
    totalMilliseconds = [20_000, 60_000, 600_000][Int(random.next(below: 3))]
    firstHeaderMilliseconds = [1_000, 5_000, 30_000][Int(random.next(below: 3))]
    betweenTokensMilliseconds = [500, 4_000, 20_000][Int(random.next(below: 3))]
    upstreamIdleMilliseconds = [200, 10_000][Int(random.next(below: 2))]
    if random.next(below: 4) == 0 {
      budgetThousandths = 10
      budgetMinimumPerSecond = 0
    }
    consecutiveFailures = [1, 3, 5, 127][Int(random.next(below: 4))]
    relayBufferBytes = [1_024, 16 << 10, 256 << 10][Int(random.next(below: 3))]
    drainMilliseconds = [500, 30_000][Int(random.next(below: 2))]
    if random.next(below: 8) == 0 { upstreamConnectionsMaximum = 1 }
    if random.next(below: 4) == 0 { bufferedResponseBytes = 256 }
  }

  var dataPlane: DataPlaneSettings {
    var settings = DataPlaneSettings()
    settings.retries.attemptsMaximum = attemptsMaximum
    settings.retries.budgetThousandths = budgetThousandths
    settings.retries.budgetMinimumPerSecond = budgetMinimumPerSecond
    settings.timeouts.totalMilliseconds = totalMilliseconds
    settings.timeouts.firstHeaderMilliseconds = firstHeaderMilliseconds
    settings.timeouts.firstTokenMilliseconds = firstHeaderMilliseconds
    settings.timeouts.betweenTokensMilliseconds = betweenTokensMilliseconds
    settings.timeouts.connectMilliseconds = connectMilliseconds
    settings.timeouts.upstreamIdleMilliseconds = upstreamIdleMilliseconds
    settings.timeouts.drainMilliseconds = drainMilliseconds
    settings.limits.relayBufferBytesMaximum = relayBufferBytes
    settings.limits.upstreamConnectionsMaximum = upstreamConnectionsMaximum
    settings.circuit = circuit
    settings.bufferedResponseBytesMaximum = bufferedResponseBytes
    settings.keepAliveMilliseconds = keepAliveMilliseconds
    return settings
  }

  var circuit: CircuitSettings {
    var circuit = CircuitSettings()
    circuit.consecutiveFailures = consecutiveFailures
    return circuit
  }

  var description: String {
    "attempts=\(attemptsMaximum) total=\(totalMilliseconds) header=\(firstHeaderMilliseconds) "
      + "between=\(betweenTokensMilliseconds) idle=\(upstreamIdleMilliseconds) "
      + "budget=\(budgetThousandths)+\(budgetMinimumPerSecond)/s breaker=\(consecutiveFailures) "
      + "relay=\(relayBufferBytes) drain=\(drainMilliseconds) "
      + "connections=\(upstreamConnectionsMaximum) buffered=\(bufferedResponseBytes) "
      + "alive=\(keepAliveMilliseconds)"
  }
}
