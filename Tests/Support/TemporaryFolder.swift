// SPDX-License-Identifier: MIT

public import Foundation
import Glibc
import Synchronization

/// Folders that live as long as the test run: what several tests share, such as certificates. They
/// are removed when the process ends. A folder of one test is better removed by that test.
public enum TemporaryFolder {
  private static let made = Mutex<[URL]>([])

  /// A new empty folder whose name begins with `name`.
  public static func make(_ name: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let isFirst = made.withLock { folders in
      folders.append(folder)
      return folders.count == 1
    }
    if isFirst { atexit(removeTemporaryFolders) }
    return folder
  }

  fileprivate static func removeAll() {
    made.withLock { folders in
      for folder in folders { try? FileManager.default.removeItem(at: folder) }
      folders = []
    }
  }
}

private func removeTemporaryFolders() {
  TemporaryFolder.removeAll()
}
