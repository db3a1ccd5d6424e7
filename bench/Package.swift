// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
//
// Microbenchmarks, apart from the product so that nothing of them is built with it.

import PackageDescription

let parts: [Target.Dependency] = [.product(name: "GatewayParts", package: "gateway")]

let package = Package(
  name: "gateway-bench",
  dependencies: [.package(name: "gateway", path: "..")],
  targets: [
    .executableTarget(
      name: "micro", dependencies: parts,
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ])
  ]
)
