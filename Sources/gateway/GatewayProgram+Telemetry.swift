// SPDX-License-Identifier: MIT

import Clocks
import Configuration
import EventLoop
import Telemetry
import TelemetryExport

extension GatewayProgram {
  /// Nil where no traces are exported, and then none are made.
  func makeSpanCollector(workerCount: Int) -> SpanCollector? {
    let telemetry = configuration.telemetry
    guard telemetry.exportsTraces else { return nil }
    var settings = TraceSettings()
    settings.sampler =
      TraceSampler(name: telemetry.sampler, ratio: telemetry.samplerRatio) ?? .standard
    settings.capturesContent = telemetry.capturesContent
    settings.contentBytesMaximum = Int(telemetry.contentBytesMaximum)
    return SpanCollector(settings, workerCount: workerCount)
  }

  /// Nil where nothing is exported: libcurl is not loaded then.
  func makeExporter(
    on loop: Loop, spans: SpanCollector?, metrics: MetricSet, started: Timestamp, logger: Logger,
    sample: @escaping @Sendable () -> Void
  ) throws -> TelemetryExporter? {
    let telemetry = configuration.telemetry
    guard telemetry.exportsTraces || telemetry.exportsMetrics else { return nil }
    var settings = ExportSettings(origin: origin)
    settings.tracesURL = telemetry.exportsTraces ? telemetry.tracesURL : nil
    settings.metricsURL = telemetry.exportsMetrics ? telemetry.metricsURL : nil
    settings.encoding = telemetry.exportProtocol == .json ? .json : .protobuf
    settings.compresses = telemetry.compression == .gzip
    settings.headers = telemetry.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    settings.timeoutMilliseconds = Int(telemetry.timeoutMilliseconds)
    settings.limits.batchCountMaximum = Int(telemetry.batchCountMaximum)
    settings.limits.batchInterval = .milliseconds(telemetry.batchIntervalMilliseconds)
    settings.limits.queueCountMaximum = Int(telemetry.queueCountMaximum)
    settings.metricsIntervalMilliseconds = Int(telemetry.metricsIntervalMilliseconds)
    do {
      return try TelemetryExporter(
        on: loop, settings: settings, spans: spans,
        metrics: ExportedMetrics(set: metrics, started: started, sample: sample),
        logger: logger.named("telemetry"))
    } catch {
      throw StartFailure(message: "telemetry cannot be exported: \(error)")
    }
  }

  private var origin: OTLPOrigin {
    let telemetry = configuration.telemetry
    var resource = [Attribute("service.name", .text(telemetry.serviceName))]
    for (name, value) in telemetry.resource.sorted(by: { $0.key < $1.key }) {
      resource.append(Attribute(name, .text(value)))
    }
    if telemetry.resource["service.instance.id"] == nil {
      var random = RandomSource()
      let identifier =
        HexadecimalDigits.text(random.next()) + HexadecimalDigits.text(random.next())
      resource.append(Attribute("service.instance.id", .text(identifier)))
    }
    return OTLPOrigin(resource: resource, scopeName: "gateway", scopeVersion: gatewayVersion)
  }
}
