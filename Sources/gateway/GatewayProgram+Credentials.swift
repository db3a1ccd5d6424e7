// SPDX-License-Identifier: MIT

import Clocks
import Configuration
import CredentialService
import Credentials
import DataPlane
import EventLoop
import FoundationEssentials
import ModelCatalog
import Telemetry

extension GatewayProgram {
  /// The service for the gateways whose credential is fetched; nil where there is none.
  func makeCredentials(on control: Loop) -> CredentialService? {
    let gateways = configuration.catalog.gateways.compactMap { gateway in
      gateway.credentialSource.map {
        CredentialedGateway(name: gateway.name, source: $0, style: gateway.authentication)
      }
    }
    guard !gateways.isEmpty else { return nil }
    return CredentialService(
      gateways, on: control, environment: ProcessInfo.processInfo.environment
    ) { [logger] gateway, report in
      switch report {
      case .obtained(let origin, let expiresAt):
        logger.info(
          "credential obtained",
          [
            "gateway": .string(gateway), "origin": .string(origin),
            "expires": .string(expiresAt?.rfc3339(fractionDigits: 0) ?? "never"),
          ])
      case .failed(let failure, let retryAt):
        logger.error(
          "credential not obtained",
          [
            "gateway": .string(gateway), "error": .string(failure.description),
            "retry": .string(retryAt?.rfc3339(fractionDigits: 0) ?? "never"),
          ])
      }
    }
  }

  /// What the workers are given of it.
  func published(_ service: CredentialService) -> [GatewayCredential] {
    service.slots.map { slot in
      let gateway = configuration.catalog.gateways.first { $0.name == slot.gateway }
      guard case .aws(let settings)? = gateway?.credentialSource else {
        return GatewayCredential(slot)
      }
      return GatewayCredential(slot, signingRegion: settings.region)
    }
  }
}
