// SPDX-License-Identifier: MIT

/// A YAML text turned into a tree, or a report of why it is none.
enum Document {
  static let bytesMaximum = 8 * 1024 * 1024

  static func parse(_ text: String, file: SourceFile, reading: Reading, name: String) -> Field? {
    guard text.utf8.count <= bytesMaximum else {
      reading.report("the file is larger than \(bytesMaximum) bytes", at: nil, in: file)
      return nil
    }
    do throws(YAMLError) {
      var composer = NodeComposer(try YAMLEvents(text))
      guard let node = try composer.compose() else {
        reading.report("the file is empty", at: nil, in: file)
        return nil
      }
      return Field(node: node, file: file, reading: reading, name: name)
    } catch {
      reading.report(error.message, at: error.place, in: file)
      return nil
    }
  }
}
