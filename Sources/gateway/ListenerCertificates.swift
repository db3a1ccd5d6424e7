// SPDX-License-Identifier: MIT

import Configuration
import Glibc
import Network
import Telemetry

/// The certificates of all listeners: read at the start, and anew on SIGHUP, as renewal tools send
/// it. New connections see the new ones, those open keep theirs. Used on the main thread.
final class ListenerCertificates {
  private struct Listener {
    var slot: TLSContextSlot
    var files: TLSFiles
    var protocols: [ApplicationProtocol]
  }

  private var listeners: [Listener] = []

  /// What a listener shows to its clients in the TLS handshake; nil where it serves in the clear.
  ///
  /// - Parameter protocols: what it speaks, in its order of preference.
  /// - Throws: `StartFailure`.
  func slot(
    for listener: ListenerConfiguration, protocols: [ApplicationProtocol] = [.http2, .http11]
  ) throws -> TLSContextSlot? {
    guard let files = listener.tls else { return nil }
    for file in [files.certificate, files.key] where access(file, R_OK) != 0 {
      throw StartFailure(
        message: "the TLS file \(file) cannot be read: \(String(cString: strerror(errno)))")
    }
    do {
      let slot = TLSContextSlot(try TLSContext(server: Self.configuration(files, protocols)))
      listeners.append(Listener(slot: slot, files: files, protocols: protocols))
      return slot
    } catch {
      throw StartFailure(
        message: "the certificate \(files.certificate) with \(files.key) cannot be used: \(error)")
    }
  }

  /// Reads all of them anew. What cannot be used is said, and the one before stays.
  func reload(_ logger: Logger) {
    for listener in listeners {
      let files = listener.files
      do {
        try listener.slot.reload(Self.configuration(files, listener.protocols))
        logger.info("certificate read anew", ["certificate": .string(files.certificate)])
      } catch {
        logger.error(
          "the certificate cannot be used; the one before stays",
          ["certificate": .string(files.certificate), "error": .string("\(error)")])
      }
    }
  }

  private static func configuration(
    _ files: TLSFiles, _ protocols: [ApplicationProtocol]
  ) -> TLSServerConfiguration {
    TLSServerConfiguration(
      certificates: [TLSCertificate(chainFile: files.certificate, keyFile: files.key)],
      applicationProtocols: protocols)
  }
}
