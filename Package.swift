// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target. C modules are imported `internal` by exactly one module each (docs/architecture.md).
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "videowire",
    targets: [
        .target(name: "Media", swiftSettings: strict),
        .target(name: "Bitstream", dependencies: ["Media"], swiftSettings: strict),
        .target(name: "MediaTesting", dependencies: ["Bitstream", "Media"], swiftSettings: strict),
        .testTarget(
            name: "BitstreamTests", dependencies: ["Bitstream", "Media", "MediaTesting"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
