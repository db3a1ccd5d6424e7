// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
//
// Programs that use the library product `Cedar` as any other package would.

import PackageDescription

let package = Package(
  name: "cedar-examples",
  dependencies: [.package(name: "gateway", path: "..")],
  targets: [
    .executableTarget(
      name: "photos", dependencies: [.product(name: "Cedar", package: "gateway")],
      swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
  ]
)
