// SPDX-License-Identifier: MIT

/// A shared file of the AWS tools, `~/.aws/credentials` or `~/.aws/config`: sections of settings.
struct AWSProfileFile {
  private var sections: [String: [String: String]] = [:]

  /// Lines read at most.
  static let linesMaximum = 10_000

  /// Lines that are no section and no setting are passed over, as the AWS tools do; settings
  /// indented under another (`s3 =`) belong to that one and are passed over too.
  init(_ text: String) {
    var section: String?
    for line in text.split(
      maxSplits: Self.linesMaximum, omittingEmptySubsequences: true, whereSeparator: \.isNewline
    ).prefix(Self.linesMaximum) {
      if line.first?.isWhitespace == true { continue }
      let trimmed = String(line).withoutOuterSpace
      if trimmed.hasPrefix("#") || trimmed.hasPrefix(";") { continue }
      if trimmed.hasPrefix("["), let end = trimmed.firstIndex(of: "]") {
        let name = String(trimmed[trimmed.index(after: trimmed.startIndex)..<end])
        section = Self.profileName(name.withoutOuterSpace)
        if let section, sections[section] == nil { sections[section] = [:] }
      } else if let section, let mark = trimmed.firstIndex(of: "=") {
        let name = String(trimmed[..<mark]).withoutOuterSpace.lowercased()
        let value = String(trimmed[trimmed.index(after: mark)...])
        sections[section]?[name] = Self.withoutRemark(value).withoutOuterSpace
      }
    }
  }

  subscript(profile: String) -> [String: String]? { sections[profile] }

  /// `[profile name]` in the one file is `[name]` in the other.
  private static func profileName(_ heading: String) -> String {
    let parts = heading.split(whereSeparator: \.isWhitespace)
    return parts.count == 2 && parts[0] == "profile" ? String(parts[1]) : heading
  }

  /// ` #` and ` ;` begin a remark.
  private static func withoutRemark(_ value: String) -> String {
    var previous: Character = " "
    for index in value.indices {
      if previous.isWhitespace, value[index] == "#" || value[index] == ";" {
        return String(value[..<index])
      }
      previous = value[index]
    }
    return value
  }
}
