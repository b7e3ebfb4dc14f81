// swift-tools-version: 6.2
import PackageDescription

/// The strictness every Swift target of ours is built with.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// For a room whose values come from further below through the signatures of the room it speaks to: it may use the
/// members of such values without reaching the modules that declare them.
let strictClient: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// The guest has no Swift runtime, so that each plugin can bring its own.
let embedded: [SwiftSetting] = [
    .enableExperimentalFeature("Embedded"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-wmo", "-parse-as-library"]),
]

let package = Package(
    name: "berth",
    products: [
        .executable(name: "berth", targets: ["berth"]),
        .executable(name: "berth-guest", targets: ["berth-guest"]),
        .executable(name: "berth-check", targets: ["berth-check"]),
        .executable(name: "berth-bench", targets: ["berth-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.30.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Layouts and shims in C: headers that two sides share.
        .target(name: "CBerthPlugin"),
        .target(name: "CGuestWire"),
        .target(name: "CCheckShims"),
        .target(name: "CLinux"),
        .target(name: "CSQLiteSettings"),

        // For people who write plugins: the Swift layer over the header has its one source in the template, and the
        // templates travel inside the executable.
        .target(
            name: "BerthPlugin", dependencies: ["CBerthPlugin"], path: "plugin-template/swift/Sources/BerthPlugin",
            swiftSettings: strict),
        .target(name: "CPluginTemplate"),

        // The process one plugin lives in.
        .executableTarget(
            name: "berth-guest", dependencies: ["CBerthPlugin", "CGuestWire"], swiftSettings: embedded,
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "--gc-sections", "-Xlinker", "-s"], .when(configuration: .release))
            ]),

        // The process one check of one plugin lives in: the guest's sandbox around a host that is not one.
        .executableTarget(
            name: "berth-check", dependencies: ["CBerthPlugin", "CCheckShims", "CGuestWire"],
            swiftSettings: embedded,
            linkerSettings: [
                .unsafeFlags(["-Xlinker", "--gc-sections", "-Xlinker", "-s"], .when(configuration: .release))
            ]),

        // The host, from the bottom up.
        .target(name: "JobModel", swiftSettings: strict),
        .target(
            name: "JobStore",
            dependencies: [
                "CSQLiteSettings", "JobModel", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "GuestPool",
            dependencies: ["CGuestWire", "CLinux", "JobModel", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .target(
            name: "PluginCatalog",
            dependencies: [
                "CBerthPlugin", "CGuestWire", "CLinux", "GuestPool", "JobModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "PluginCheck",
            dependencies: [
                "CLinux", "GuestPool", "JobModel", "PluginCatalog",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "JobEngine",
            dependencies: [
                "CLinux", "GuestPool", "JobModel", "JobStore", "PluginCatalog",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "HostHTTP",
            dependencies: [
                "JobEngine", "JobModel", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strictClient),
        .target(
            name: "Upstreams",
            dependencies: [
                "JobEngine", "JobModel", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strictClient),
        .executableTarget(
            name: "berth",
            dependencies: [
                "CLinux", "CPluginTemplate", "GuestPool", "HostHTTP", "JobEngine", "JobModel", "JobStore",
                "PluginCatalog", "PluginCheck", "Upstreams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Demo/jobs.yaml")],
            swiftSettings: strict),

        // What `make bench` runs; not part of the product.
        .executableTarget(
            name: "berth-bench",
            dependencies: [
                "GuestPool", "JobEngine", "JobModel", "JobStore", "PluginCatalog",
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Benchmarks/berth-bench",
            swiftSettings: strict),

        // Tests mirror the modules; TestSupport compiles fixture plugins with the system's C compiler.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "JobModelTests", dependencies: ["JobModel", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "GuestCoreTests", dependencies: ["CBerthPlugin", "CGuestWire", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "GuestPoolTests", dependencies: ["CGuestWire", "GuestPool", "JobModel", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "JobStoreTests",
            dependencies: [
                "JobModel", "JobStore", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PluginCatalogTests",
            dependencies: [
                "GuestPool", "JobModel", "PluginCatalog", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PluginCheckTests", dependencies: ["JobModel", "PluginCatalog", "PluginCheck", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "JobEngineTests",
            dependencies: [
                "GuestPool", "JobEngine", "JobModel", "JobStore", "PluginCatalog", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HostHTTPTests",
            dependencies: [
                "GuestPool", "HostHTTP", "JobEngine", "JobModel", "JobStore", "PluginCatalog", "TestSupport",
                .product(name: "Logging", package: "swift-log"), .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "UpstreamsTests",
            dependencies: [
                "GuestPool", "JobEngine", "JobModel", "JobStore", "PluginCatalog", "TestSupport", "Upstreams",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BerthPluginTests", dependencies: ["BerthPlugin", "CPluginTemplate"], swiftSettings: strict),
        .testTarget(
            name: "BerthTests",
            dependencies: [
                "berth", "GuestPool", "HostHTTP", "JobEngine", "JobModel", "JobStore", "TestSupport", "Upstreams",
            ],
            swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["JobModel", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
    ]
)
