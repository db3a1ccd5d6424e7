// SPDX-License-Identifier: MIT

import Foundation

/// Why a file cannot be read.
struct FileProblem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// What `errno` says.
  init(number: Int32) { self.init(String(cString: strerror(number))) }

  /// Why a file could not be written.
  init(writing path: String, _ error: any Error) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    if !FileManager.default.fileExists(atPath: folder) {
      self.init("there is no folder `\(folder)`")
    } else if let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError,
      cause.domain == NSPOSIXErrorDomain
    {
      self.init(number: Int32(cause.code))
    } else {
      self.init(error.localizedDescription)
    }
  }

  static let noSuchFile = FileProblem("there is no such file")

  /// Why a path leads nowhere, such as a folder that may not be entered.
  static func missing(_ path: String) -> FileProblem {
    var status = stat()
    let number = stat(path, &status) == 0 ? 0 : errno
    return number == 0 || number == ENOENT ? noSuchFile : FileProblem(number: number)
  }
}
