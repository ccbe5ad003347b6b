// swift-tools-version: 6.2
import PackageDescription

/// Engine, Journal, Venues and their tests alone: no remote package, built in seconds.
/// Use a scratch path of its own: `TAPEFOLD_CORE=1 swift build --scratch-path .build-core`.
let coreOnly = Context.environment["TAPEFOLD_CORE"] != nil

/// The programs of `scripts/bench` and what they measure, without the tests.
let withBenchmarks = Context.environment["TAPEFOLD_BENCH"] != nil

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Leaves: neither of Engine and Journal may name the other (see docs/ARCHITECTURE.md).
let coreTargets: [Target] = [
    .systemLibrary(
        name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(
        name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "Engine", swiftSettings: strict),
    .target(name: "Journal", dependencies: ["CZstd", "COpenSSL"], swiftSettings: strict),
    .target(name: "Venues", dependencies: ["Engine"], swiftSettings: strict),
    .executableTarget(
        name: "journal-torture", dependencies: ["Journal"], path: "Tests/journal-torture",
        swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .target(
        name: "MemoryJournal", dependencies: ["Journal", "TestSupport"],
        path: "Tests/MemoryJournal", swiftSettings: strict),
    .testTarget(
        name: "EngineTests", dependencies: ["Engine", "TestSupport"], swiftSettings: strict),
    .testTarget(
        name: "JournalTests", dependencies: ["Journal", "MemoryJournal", "TestSupport"],
        swiftSettings: strict),
    .testTarget(
        name: "VenuesTests", dependencies: ["Venues", "Engine", "TestSupport"],
        swiftSettings: strict),
    .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: strict),
]

// Shells: the only places where bytes, clocks and files meet the fold.
let shellTargets: [Target] = [
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
        name: "Server",
        dependencies: [
            "Engine", "Journal", "Venues", "COpenSSL",
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
        ], swiftSettings: strict),
    .executableTarget(
        name: "tapefold",
        dependencies: [
            "Server", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], swiftSettings: strict),
    .executableTarget(
        name: "replay-tool",
        dependencies: [
            "Engine", "Journal", "Venues", "Server", "COpenSSL", "CZlib",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], swiftSettings: strict),
    .executableTarget(
        name: "soak", dependencies: ["Engine", "Journal", "Server", "TestSupport", "Venues"],
        path: "Tests/soak", swiftSettings: strict),
    .testTarget(
        name: "ServerTests",
        dependencies: [
            "Server", "Engine", "Journal", "Venues", "MemoryJournal", "TestSupport",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOEmbedded", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
        ],
        swiftSettings: strict),
    .testTarget(
        name: "ReplayToolTests",
        dependencies: ["replay-tool", "Engine", "Journal", "Server", "TestSupport"],
        swiftSettings: strict),
]

// `Inside` is the engine compiled once more together with the bench's own look into it: what is
// not public is measured without opening up the module that everybody else links.
let benchmarkTargets: [Target] = [
    .target(name: "CBenchSupport", path: "Benchmarks/CBenchSupport"),
    .target(name: "EngineInside", path: "Benchmarks/EngineInside", swiftSettings: strict),
    .executableTarget(
        name: "benchmarks",
        dependencies: [
            "CBenchSupport", "CZstd", "Engine", "EngineInside", "Journal", "Server", "Venues",
        ], path: "Benchmarks/Runner", swiftSettings: strict),
    // Apart from `benchmarks`, whose own `malloc` would be measured with it.
    .executableTarget(
        name: "front",
        dependencies: [
            "Engine", "Server", .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ], path: "Benchmarks/Front", swiftSettings: strict),
]

let remotePackages: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
]

// Package.resolved is not committed: a fresh clone takes the newest 1.x, so nothing may rest on one.
let package = Package(
    name: "tapefold",
    dependencies: coreOnly ? [] : remotePackages,
    targets: coreTargets
        + (withBenchmarks
            ? shellTargets.filter { !$0.isTest } + benchmarkTargets
            : coreOnly ? [] : shellTargets)
)
