// SPDX-License-Identifier: MIT

public import Foundation

/// Places in the working copy that the tests run in.
public enum RepositoryFolder {
  /// The folder of `Package.swift`.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}
