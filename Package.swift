// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6, warnings are errors, imports say what they need and how far they reach.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func product(_ name: String, _ package: String) -> Target.Dependency { .product(name: name, package: package) }
let argumentParser = product("ArgumentParser", "swift-argument-parser")
let crypto = product("Crypto", "swift-crypto")
let cryptoExtras = product("CryptoExtras", "swift-crypto")
let hummingbird = product("Hummingbird", "hummingbird")
let httpTypes = product("HTTPTypes", "swift-http-types")
let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let signals = product("UnixSignals", "swift-service-lifecycle")
let logging = product("Logging", "swift-log")
let nioCore = product("NIOCore", "swift-nio")
let nioPosix = product("NIOPosix", "swift-nio")
let nioHTTP1 = product("NIOHTTP1", "swift-nio")
let jwtKit = product("JWTKit", "jwt-kit")
let yams = product("Yams", "Yams")
/// What the sandbox and the tests' peers speak with: TLS, HTTP/2 and certificates of their own.
let server = [
    hummingbird, product("HummingbirdHTTP2", "hummingbird"), product("HummingbirdTLS", "hummingbird"), httpTypes, nioCore, nioPosix,
    product("NIOSSL", "swift-nio-ssl"), product("X509", "swift-certificates"), product("SwiftASN1", "swift-asn1"), crypto, lifecycle,
    logging,
]

func ours(_ name: String, _ dependencies: [Target.Dependency], _ more: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + more)
}
/// Faults on purpose, built in by `make planted-bugs` only: the fast tests have to find each (docs/faults.md).
let planted = Context.environment["CLARION_PLANTED"] == nil ? [] : [SwiftSetting.define("PLANTED")]
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

// Arrows point down only (docs/architecture.md).
let package = Package(
    name: "clarion",
    products: [.executable(name: "clarion", targets: ["clarion"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        ours("Core", [], planted),
        ours("StrictYAML", ["Core", yams]),
        ours("Templates", ["Core", "StrictYAML"]),
        ours("Providers", ["Core", crypto, cryptoExtras]),
        ours("Transport", ["Core", "CCurl"]),
        ours("Proof", ["Core", crypto]),
        ours("Store", ["Core", "Proof", "CSQLite", crypto]),
        ours("Sources", []),
        ours("Terminal", ["Core"]),
        ours("Reports", ["Core", "Proof", "Store", "Templates", "Terminal"]),
        ours("Config", ["Core", "StrictYAML", "Providers"]),
        ours("Pipeline", ["Core", "Config", "Templates", "Providers", "Transport", "Proof", "Store", crypto, lifecycle, logging]),
        ours(
            "Server",
            [
                "Core", "Store", "Pipeline", "Providers", "Reports", "Terminal", hummingbird, product("HummingbirdCore", "hummingbird"),
                httpTypes, nioCore,
                nioHTTP1, jwtKit,
                crypto, lifecycle, logging,
            ]),
        ours("Pages", ["Core", hummingbird, httpTypes, nioCore]),
        ours("Sandbox", ["Core", "Pages"] + server),
        ours("PreviewPage", ["Core", "Pages", hummingbird, logging]),
        ours(
            "App",
            [
                "Core", "StrictYAML", "Config", "Templates", "Providers", "Transport", "Proof", "Store", "Sources", "Pipeline", "Server",
                "Sandbox", "PreviewPage", "Terminal", "Reports", "MemoryStore", crypto, lifecycle, signals, logging,
            ]),
        .executableTarget(name: "clarion", dependencies: ["App", "Core", "Terminal", "Reports", argumentParser], swiftSettings: strict),
        ours("TestKit", ["Core", "Store", "Sandbox", "Transport"] + server),
        // A store without a disk: for dry runs and tests.
        ours("MemoryStore", ["Core", "Proof", "Store"]),
        // What runs whole worlds on it: for tests and FaultBench, never part of `clarion`.
        ours("Simulator", ["MemoryStore", "App", "Pipeline", "Store", "Transport", "Providers", "Config", "Templates", "Core"]),

        tests("CoreTests", ["Core"]),
        tests("TemplatesTests", ["Templates", "StrictYAML", "Core", "TestKit"]),
        tests("ProvidersTests", ["Providers", "Core", crypto, jwtKit]),
        tests("TransportTests", ["Transport", "Core", "TestKit", "Sandbox"]),
        // Servers that others wrote, as far as they are installed (Tests/peers/install).
        tests("PeerTests", ["Providers", "Transport", "Core", "TestKit"]),
        tests("SourcesTests", ["Sources"]),
        tests("ProofTests", ["Proof", "Core"]),
        tests("StoreTests", ["Store", "Proof", "MemoryStore", "Core", "CSQLite", crypto, "StoreCrashChild"]),
        // A process of its own for the store's tests to kill, to starve of space and to find the store locked by.
        .executableTarget(name: "StoreCrashChild", dependencies: ["Store", "Core"], path: "Tests/StoreCrashChild", swiftSettings: strict),
        // Single parts for `make bench`; not shipped.
        .executableTarget(
            name: "BenchParts",
            dependencies: ["App", "Config", "Core", "Pipeline", "Server", "Store", "Templates", lifecycle, signals, logging],
            path: "Tests/BenchParts", swiftSettings: strict),
        // What `make fault` needs of the program's own modules; not shipped.
        .executableTarget(
            name: "FaultBench", dependencies: ["TestKit", "Simulator", "Core"], path: "Tests/FaultBench", swiftSettings: strict),
        tests("SimulatorTests", ["Simulator", "Core"]),
        tests("TerminalTests", ["Terminal", "Core"]),
        tests("ReportsTests", ["Reports", "Templates", "Terminal", "Proof", "Store", "Core"]),
        tests("ConfigTests", ["Config", "Providers", "Core", "StrictYAML"]),
        tests(
            "PipelineTests",
            [
                "App", "Pipeline", "Config", "Core", "Store", "Templates", "Transport", "Providers", "Sandbox", "TestKit", "CSQLite",
                "Reports", "Terminal", crypto,
            ]),
        tests(
            "ServerTests",
            [
                "Server", "Pipeline", "Store", "Core", "Config", "Templates", "Transport", "Sandbox", "TestKit", "App", jwtKit, crypto,
                lifecycle, httpTypes, logging,
            ]),
        tests("SandboxTests", ["Sandbox", "Core", "Transport"]),
        tests(
            "AppTests",
            [
                "App", "Config", "Core", "CSQLite", "MemoryStore", "Pipeline", "PreviewPage", "Proof", "Reports", "Store", "Templates",
                "Terminal", "TestKit", "Sandbox",
                "Transport", "clarion",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
