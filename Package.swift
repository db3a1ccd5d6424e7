// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
//
// One package, two programs. The order of the targets is the order of the layers: a target may
// import only what stands above it (`devtool tidy` and the explicit import check hold that).

import PackageDescription

/// Everywhere: imports say what they need, `any` is spelled out, a warning is an error.
let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The pure layers: every use of an unsafe construct is marked and reasoned about.
let pure: [SwiftSetting] = common + [.strictMemorySafety()]

/// Release programs carry symbols but no DWARF: it would be two thirds of the file, and valgrind
/// 3.19 of Debian 12, which counts our instructions, cannot read the compiler's.
let withoutDebugInformation: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "--strip-debug"], .when(configuration: .release))
]

/// Exclusivity is checked statically; the dynamic check costs a call per access to what a class
/// holds (a fifth of translating an event), so it stays on in debug builds only. Not for targets of
/// the product `Cedar`: packages with such flags cannot be depended on by version.
let statically: [SwiftSetting] = [
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

/// The layers where pointers are the point.
let world: [SwiftSetting] = common + statically

func module(
  _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = pure,
  resources: [Resource]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
    swiftSettings: common)
}

let argumentParser: Target.Dependency =
  .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "gateway",
  products: [
    .executable(name: "gateway", targets: ["gateway"]),
    .executable(name: "policyc", targets: ["policyc"]),
    .library(
      name: "Cedar",
      targets: ["Cedar", "CedarSyntax", "CedarSchema", "DecisionIR", "PolicyCompiler"]),
    // What bench/ measures one by one.
    .library(
      name: "GatewayParts",
      targets: [
        "Bytes", "JSON", "HTTPWire", "CedarSyntax", "CedarSchema", "DecisionIR", "PolicyCompiler",
        "ModelCatalog", "Accounts", "Routing", "Clocks", "Credentials", "Translation",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C fence
    .systemLibrary(name: "CUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "CCurl"),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(
      name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .target(name: "CKernels"),

    // ground
    module("Bytes", ["CKernels"]),
    module("Clocks"),
    module("JSON", ["Bytes", "CKernels"], settings: pure + statically),
    module("Telemetry", ["Bytes", "Clocks"]),

    // languages (pure)
    module("CedarSyntax"),
    module("CedarSchema", ["CedarSyntax"]),
    module("DecisionIR"),
    module("PolicyCompiler", ["CedarSyntax", "CedarSchema", "DecisionIR"]),
    module("Cedar", ["CedarSyntax", "CedarSchema", "DecisionIR", "PolicyCompiler"]),
    module("HTTPWire", ["Bytes", "CKernels"]),

    // decisions (pure)
    module("ModelCatalog", ["Bytes"]),
    module("Accounts", ["Bytes"]),
    module("Credentials", ["COpenSSL", "ModelCatalog", "Bytes", "Clocks", "JSON"]),
    module("Providers", ["Bytes", "JSON", "HTTPWire"]),
    module("Translation", ["Bytes", "JSON", "HTTPWire"], settings: pure + statically),
    module("Routing", ["DecisionIR", "ModelCatalog", "Accounts", "Clocks", "Bytes"]),
    module(
      "Configuration",
      ["CYAML", "ModelCatalog", "Accounts", "Routing", "DecisionIR", "Bytes"]),

    // world
    module("EventLoop", ["CUV", "Bytes", "Clocks"], settings: world),
    module(
      "Network",
      [
        "EventLoop", "COpenSSL", "CCurl", "CZlib", "CZstd", "CNGHTTP2", "HTTPWire", "Bytes",
        "Clocks",
      ], settings: world),

    module(
      "CredentialService",
      ["Credentials", "ModelCatalog", "Network", "EventLoop", "Bytes", "Clocks"],
      settings: common),

    module(
      "UpstreamService",
      [
        "Credentials", "Translation", "Routing", "ModelCatalog", "Network", "EventLoop", "JSON",
        "Bytes", "Clocks",
      ], settings: common),

    // services
    module(
      "DataPlane",
      [
        "Network", "EventLoop", "HTTPWire", "JSON", "Providers", "Translation", "Credentials",
        "Routing",
        "DecisionIR", "ModelCatalog", "Accounts", "Telemetry", "Bytes", "Clocks",
      ], settings: world),
    module(
      "ControlPlane", ["Network", "EventLoop", "HTTPWire", "Bytes", "Clocks"], settings: common),
    module(
      "PolicyService",
      [
        "ControlPlane", "PolicyCompiler", "CedarSyntax", "CedarSchema", "DecisionIR", "Routing",
        "ModelCatalog", "EventLoop", "Bytes", "Clocks",
      ], settings: common),
    module(
      "FakeProviders",
      ["ControlPlane", "Network", "EventLoop", "CZlib", "HTTPWire", "Bytes", "Clocks"],
      settings: common),
    module(
      "TelemetryExport",
      ["ControlPlane", "Network", "EventLoop", "HTTPWire", "Telemetry", "Bytes", "Clocks"],
      settings: common),

    // programs
    .executableTarget(
      name: "gateway",
      dependencies: [
        "DataPlane", "PolicyService", "ControlPlane", "FakeProviders", "CredentialService",
        "UpstreamService", "Credentials", "TelemetryExport", "Configuration",
        "PolicyCompiler", "CedarSyntax", "CedarSchema", "DecisionIR", "ModelCatalog", "Accounts",
        "JSON", "Translation",
        "Routing",
        "Telemetry", "Network", "EventLoop", "Bytes", "Clocks", argumentParser,
      ], swiftSettings: common, linkerSettings: withoutDebugInformation),
    .executableTarget(
      name: "policyc",
      dependencies: [
        "PolicyCompiler", "CedarSyntax", "CedarSchema", "DecisionIR", "Routing", "ModelCatalog",
        "Configuration", "Accounts", "Bytes", argumentParser,
      ], swiftSettings: common),
    .executableTarget(
      name: "devtool", dependencies: ["Telemetry", "Translation", argumentParser],
      swiftSettings: common),

    // tests only
    .target(
      name: "FuzzTargets",
      dependencies: [
        "HTTPWire", "JSON", "Telemetry", "CedarSyntax", "CedarSchema", "DecisionIR", "Bytes",
        "Translation",
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: common),
    .target(
      name: "TestSupport", dependencies: ["CedarSyntax"], path: "Tests/Support",
      swiftSettings: common),
    .target(
      name: "PolicyDifferential",
      dependencies: [
        "CedarSyntax", "CedarSchema", "DecisionIR", "PolicyCompiler", "TestSupport",
      ],
      path: "Tests/Differential/Library", swiftSettings: common),
    .executableTarget(
      name: "differential", dependencies: ["PolicyDifferential"],
      path: "Tests/Differential/Runner", swiftSettings: common),

    .target(
      name: "SimulatedWorld", dependencies: ["CUV", "Clocks"], path: "Tests/Simulation/World",
      swiftSettings: world),
    .executableTarget(
      name: "simulate",
      dependencies: [
        "SimulatedWorld", "DataPlane", "PolicyService", "CedarSyntax", "ControlPlane",
        "FakeProviders",
        "Configuration", "DecisionIR", "ModelCatalog", "Accounts", "Routing", "Telemetry",
        "Network", "EventLoop", "Bytes", "Clocks", argumentParser,
      ], path: "Tests/Simulation/Runner", swiftSettings: common),

    // tests
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets", "Clocks", "DecisionIR"],
      swiftSettings: common),
    tests("Bytes"),
    tests("Clocks"),
    tests("JSON", ["Bytes", "TestSupport"]),
    tests("Telemetry", ["Bytes", "Clocks"]),
    tests("CedarSyntax", ["TestSupport"]),
    tests("CedarSchema", ["CedarSyntax", "TestSupport"]),
    tests("DecisionIR"),
    tests(
      "PolicyCompiler",
      ["CedarSyntax", "CedarSchema", "DecisionIR", "PolicyDifferential", "TestSupport"]),
    tests("Cedar"),
    tests("HTTPWire", ["Bytes", "TestSupport"]),
    tests("ModelCatalog", ["Bytes"]),
    tests("Accounts", ["Bytes"]),
    tests("Credentials", ["Bytes", "Clocks", "JSON", "ModelCatalog"]),
    tests(
      "CredentialService",
      ["Credentials", "ModelCatalog", "ControlPlane", "EventLoop", "Network", "Bytes"]),
    tests(
      "UpstreamService",
      [
        "Routing", "ModelCatalog", "FakeProviders", "Network", "EventLoop", "Clocks", "Bytes",
        "TestSupport",
      ]),
    tests("Providers", ["Bytes", "JSON", "HTTPWire"]),
    tests("Translation", ["Bytes", "JSON", "HTTPWire", "TestSupport"]),
    tests(
      "Routing",
      [
        "DecisionIR", "ModelCatalog", "PolicyCompiler", "CedarSyntax", "Accounts", "Clocks",
        "Bytes", "TestSupport",
      ]),
    tests(
      "Configuration",
      [
        "ModelCatalog", "Accounts", "Routing", "Bytes", "PolicyCompiler", "CedarSyntax",
        "DecisionIR",
      ]),
    tests("EventLoop", ["Bytes", "Clocks", "TestSupport"]),
    tests(
      "Network",
      ["EventLoop", "HTTPWire", "Bytes", "Clocks", "CZlib", "CZstd", "TestSupport"]),
    tests(
      "DataPlane",
      [
        "Network", "EventLoop", "FakeProviders", "ControlPlane", "Routing", "Accounts",
        "ModelCatalog", "TestSupport",
      ]),
    tests("ControlPlane", ["Network", "EventLoop", "HTTPWire", "TestSupport"]),
    tests("FakeProviders", ["ControlPlane", "EventLoop", "Bytes", "Clocks"]),
    tests(
      "TelemetryExport",
      ["ControlPlane", "Network", "EventLoop", "Telemetry", "Bytes", "Clocks", "TestSupport"]),
    tests(
      "PolicyService",
      [
        "ControlPlane", "EventLoop", "PolicyCompiler", "CedarSyntax", "DecisionIR", "Routing",
        "Accounts", "Bytes", "Clocks",
        "ModelCatalog",
      ]),
    tests("devtool"),
  ]
)

// The driver has no `main` of its own: `scripts/fuzz` builds it with libFuzzer's.
if Context.environment["GATEWAY_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver",
      swiftSettings: common + [.unsafeFlags(["-parse-as-library"])],
      linkerSettings: [.unsafeFlags(["-use-ld=lld"])]))
}
