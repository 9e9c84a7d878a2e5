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
    products: [
        .executable(name: "videowire", targets: ["videowire"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CGStreamer", pkgConfig: "gstreamer-rtsp-server-1.0", providers: [.apt(["libgstrtspserver-1.0-dev"])]),
        .systemLibrary(
            name: "CLibAV", pkgConfig: "libavcodec",
            providers: [.apt(["libavcodec-dev", "libavformat-dev", "libavutil-dev", "libswscale-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]),

        .target(name: "Media", swiftSettings: strict),
        .target(name: "Bitstream", dependencies: ["Media"], swiftSettings: strict),
        .target(
            name: "Capture", dependencies: ["CGStreamer", "Media", "Bitstream"],
            resources: [
                .embedInCode("Pipelines/file.gst"), .embedInCode("Pipelines/rtsp.gst"),
                .embedInCode("Pipelines/test-picture.gst"), .embedInCode("Pipelines/testcam.gst"),
            ], swiftSettings: strict),
        .target(name: "Codec", dependencies: ["CLibAV", "Media"], swiftSettings: strict),
        .target(name: "Clips", dependencies: ["Media", "Tensors"], swiftSettings: strict),
        .target(name: "Tensors", dependencies: ["CKernels"], swiftSettings: strict),
        .target(name: "Checkpoints", dependencies: ["Tensors", "Models"], swiftSettings: strict),
        .target(name: "Models", dependencies: ["Tensors"], swiftSettings: strict),
        .target(name: "Tokenization", dependencies: ["Media", "Models", "Tensors"], swiftSettings: strict),
        .target(name: "Rendering", dependencies: ["Media"], swiftSettings: strict),
        .target(name: "MotionEvents", dependencies: ["Media"], swiftSettings: strict),
        .target(name: "Memory", dependencies: ["Media"], swiftSettings: strict),
        .target(name: "Captioning", dependencies: ["Media", "MotionEvents"], swiftSettings: strict),
        .target(name: "Subtitles", dependencies: ["Media"], swiftSettings: strict),
        .target(
            name: "ChatCompletions",
            dependencies: [
                "Media",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(
            name: "Events",
            dependencies: [
                "Media",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .target(name: "Systemd", dependencies: ["CSystemd"], swiftSettings: strict),
        .target(
            name: "Service",
            dependencies: [
                "Media", "Bitstream", "Capture", "Codec", "Clips", "Tensors", "Checkpoints", "Models", "Tokenization",
                "MotionEvents", "Memory", "Captioning", "Subtitles", "ChatCompletions", "Rendering", "Events",
                "Systemd",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "videowire",
            dependencies: [
                "Service", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),

        .target(name: "MediaTesting", dependencies: ["Bitstream", "Media"], swiftSettings: strict),
        .target(
            name: "ServerTesting",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/ServerTesting", swiftSettings: strict),
        .testTarget(
            name: "BitstreamTests", dependencies: ["Bitstream", "Media", "MediaTesting"], swiftSettings: strict),
        .testTarget(
            name: "CaptioningTests", dependencies: ["Captioning", "Media", "MediaTesting"], swiftSettings: strict),
        .testTarget(name: "CaptureTests", dependencies: ["Capture", "Media", "MediaTesting"], swiftSettings: strict),
        .testTarget(name: "ClipsTests", dependencies: ["Clips", "Media", "MediaTesting"], swiftSettings: strict),
        .testTarget(
            name: "CodecTests",
            dependencies: ["Bitstream", "CLibAV", "Clips", "Codec", "Media", "MediaTesting", "Tensors"],
            swiftSettings: strict),
        .testTarget(
            name: "EventsTests",
            dependencies: [
                "Events", "Media", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Capture", "MediaTesting", "ServerTesting", "videowire"],
            swiftSettings: strict),
        .executableTarget(
            name: "MutationWorker",
            dependencies: ["Events", "Media", "Service", .product(name: "Logging", package: "swift-log")],
            path: "Tests/MutationWorker", swiftSettings: strict),
        .testTarget(
            name: "MutationTests", dependencies: ["MediaTesting", "MutationWorker", "videowire"], swiftSettings: strict),
        .testTarget(
            name: "CheckpointsTests", dependencies: ["Checkpoints", "MediaTesting", "Models", "Tensors"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "ModelsTests", dependencies: ["Checkpoints", "MediaTesting", "Models", "Tensors"],
            exclude: ["Goldens"], swiftSettings: strict),
        .testTarget(
            name: "ChatCompletionsTests",
            dependencies: [
                "ChatCompletions", "ServerTesting", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(name: "MemoryTests", dependencies: ["Memory", "Media", "MediaTesting"], swiftSettings: strict),
        .testTarget(
            name: "MotionEventsTests",
            dependencies: ["Bitstream", "Clips", "Codec", "MotionEvents", "Media", "MediaTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "SubtitlesTests", dependencies: ["Subtitles", "Media", "MediaTesting"], swiftSettings: strict),
        .testTarget(name: "RenderingTests", dependencies: ["Rendering", "Media"], swiftSettings: strict),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "Capture", "Events", "Media", "MediaTesting", "Memory", "Models", "Service", "Tensors", "Tokenization",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(name: "TensorsTests", dependencies: ["CKernels", "Tensors"], swiftSettings: strict),
        .testTarget(
            name: "TokenizationTests", dependencies: ["Tokenization", "Media", "MediaTesting"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// Tests/CheckpointFuzzer/run builds this. libFuzzer brings the main function, so no other build may know the target.
if Context.environment["VIDEOWIRE_FUZZER"] != nil {
    package.targets.append(
        .executableTarget(
            name: "CheckpointFuzzer", dependencies: ["Checkpoints", "Models"], path: "Tests/CheckpointFuzzer",
            exclude: ["run", "words.dict"], swiftSettings: strict))
}
