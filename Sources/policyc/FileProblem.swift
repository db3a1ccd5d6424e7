// SPDX-License-Identifier: MIT

import Foundation

/// Why a file cannot be read.
struct FileProblem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// What `errno` says.
  init(number: Int32) { self.init(String(cString: strerror(number))) }

  static let noSuchFile = FileProblem("there is no such file")

  /// Why a path leads nowhere, such as a folder that may not be entered.
  static func missing(_ path: String) -> FileProblem {
    var status = stat()
    let number = stat(path, &status) == 0 ? 0 : errno
    return number == 0 || number == ENOENT ? noSuchFile : FileProblem(number: number)
  }
}
