// SPDX-License-Identifier: MIT

import Testing

@testable import devtool

@Suite struct LayerTests {
  /// Ten targets, as the parser wants at least, in the forms that the manifest uses.
  static let manifestText = """
    let package = Package(
      products: [.executable(name: "gateway", targets: ["gateway"])],
      targets: [
        .systemLibrary(name: "CUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        // module("Gone"),
        .target(name: "CKernels"),
        module("Bytes", ["CKernels"]),
        module("Clocks"),
        module("JSON", ["Bytes", .product(name: "Yams", package: "Yams")]),
        module(
          "EventLoop",
          [
            "CUV", "Bytes", "Clocks",
          ], settings: world),
        module("Network", ["EventLoop"], settings: world),
        module("Routing", settings: pure),
        .executableTarget(
          name: "gateway", dependencies: ["Network", argumentParser], swiftSettings: common),
        .executableTarget(name: "policyc", dependencies: [], swiftSettings: common),
        tests("Bytes"),
        tests("JSON", ["Bytes"]),
      ]
    )
    """

  static var manifest: PackageManifest {
    get throws { try PackageManifest(manifestText) }
  }

  static func messages(_ path: String, _ text: String) throws -> [String] {
    LayerRules.checkImports(SourceFile(path: path, text: text), try manifest)
      .map { "\($0.line) \($0.message)" }
  }

  @Test func theManifestIsRead() throws {
    let targets = try LayerTests.manifest.targets
    #expect(
      targets.map { "\($0.name): \($0.dependencies.joined(separator: " "))" } == [
        "CUV: ", "CKernels: ", "Bytes: CKernels", "Clocks: ", "JSON: Bytes",
        "EventLoop: CUV Bytes Clocks", "Network: EventLoop", "Routing: ", "gateway: Network",
        "policyc: ",
      ])
    #expect(throws: Repository.Failure.self) { try PackageManifest("let package = 1") }
  }

  @Test func theOrderOfTargetsIsTheOrderOfLayers() throws {
    #expect(try LayerRules.checkOrder(LayerTests.manifest).isEmpty)
    let upward = LayerTests.manifestText.replacing(
      "module(\"Clocks\")", with: "module(\"Clocks\", [\"Network\"])")
    #expect(
      LayerRules.checkOrder(try PackageManifest(upward)).map(\.message) == [
        "`Clocks` may not import `Network`, which stands below it"
      ])
  }

  @Test func importsFollowTheManifest() throws {
    #expect(
      try LayerTests.messages(
        "Sources/Network/A.swift", "public import EventLoop\nimport struct Bytes.ByteView\n")
        == ["2 `Network` may not import `Bytes` (Package.swift)"])
    #expect(
      try LayerTests.messages("Sources/gateway/A.swift", "@testable internal import Clocks\n")
        == ["1 `gateway` may not import `Clocks` (Package.swift)"])
    #expect(
      try LayerTests.messages("Sources/Lost/A.swift", "")
        == ["0 `Lost` is no target of Package.swift"])
    #expect(
      try LayerTests.messages("Sources/Network/A.swift", "// import Clocks\n\"import JSON\"\n")
        == [])
  }

  @Test func theFenceAndTheRequestPathHold() throws {
    #expect(
      try LayerTests.messages("Sources/EventLoop/A.swift", "import CUV\nimport Foundation\n")
        == ["2 `EventLoop` may not import `Foundation`: it is on the request path"])
    #expect(
      try LayerTests.messages("Sources/Routing/A.swift", "internal import Glibc\n")
        == ["1 `Routing` is pure: no files, sockets or clocks, so no `Glibc`"])
    let direct = LayerTests.manifestText.replacing(
      "[\"EventLoop\"]", with: "[\"EventLoop\", \"CUV\"]")
    let findings = LayerRules.checkImports(
      SourceFile(path: "Sources/Network/A.swift", text: "import CUV\n"),
      try PackageManifest(direct))
    #expect(findings.map(\.message) == ["only `EventLoop` may import `CUV`"])
  }

  @Test func theTableFollowsTheManifest() throws {
    let rows = try LayerTests.manifest.targets.map { target in
      "| `\(target.name)` | \(target.dependencies.map { "`\($0)`" }.joined(separator: " ")) | x |"
    }
    let head = "# A\n\n| target | imports | what |\n|---|---|---|\n"
    let table = head + rows.joined(separator: "\n") + "\n"
    #expect(ArchitectureRule.check(table, try LayerTests.manifest).isEmpty)
    #expect(
      ArchitectureRule.check(
        table.replacing("| `JSON` | `Bytes` |", with: "| `JSON` | |"), try LayerTests.manifest
      ).map(\.text) == [
        "ARCHITECTURE.md:9: architecture: `JSON` imports `Bytes` in Package.swift, here nothing"
      ])
    let emptied = table.replacing("| `JSON` | `Bytes` |", with: "| `JSON` | |")
    #expect(ArchitectureRule.withImports(emptied, from: try LayerTests.manifest) == table)
    #expect(
      ArchitectureRule.check(
        table.replacing("| `Routing` |", with: "| `Router` |"), try LayerTests.manifest
      ).map(\.message) == [
        "the table has no row `Routing` (imports: nothing)",
        "`Router` is no target of Package.swift",
      ])
    let swapped = head + (rows[1...] + rows[..<1]).joined(separator: "\n") + "\n"
    #expect(
      ArchitectureRule.check(swapped, try LayerTests.manifest).map(\.message) == [
        "the rows are not in the order of Package.swift"
      ])
  }

  @Test func theRatchetOnlyFalls() {
    let finding = Finding(path: "a.swift", line: 1, rule: "line-length", message: "m")
    #expect(Ratchet("").filter([finding]) == [finding])
    #expect(Ratchet("# known\nline-length a.swift 1\n").filter([finding]) == [])
    #expect(Ratchet("line-length a.swift 1\n").filter([finding, finding]).count == 2)
    #expect(
      Ratchet("line-length a.swift 2\n").filter([finding]).map(\.message) == [
        "a.swift has 1 line-length findings now; lower the count from 2"
      ])
    #expect(Ratchet("nonsense\n").filter([]).map(\.message) == ["expected `RULE PATH COUNT`"])
  }
}
