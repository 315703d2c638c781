// swift-tools-version: 6.2
import PackageDescription

/// libFuzzer's archive, for which `Tests/Fuzzing/run` builds all in a folder of its own: what is
/// ours optimised, what it depends on as quickly as can be.
let fuzzer = Context.environment["GYRE_FUZZ"]

/// What every Swift target is compiled with.
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
    ] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])
    + (fuzzer == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer", "-O"])])

/// A Debian system library found through pkg-config.
func system(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// A module of Gyre with its README kept out of the build.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        exclude: ["README.md"],
        swiftSettings: settings
    )
}

/// The tests of a module.
func tests(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    exclude: [String] = []
) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
        exclude: exclude,
        swiftSettings: settings
    )
}

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let crypto = product("Crypto", "swift-crypto")
let grdb = product("GRDB", "GRDB.swift")
let hummingbird = [
    product("Hummingbird", "hummingbird"), product("HummingbirdCore", "hummingbird"),
]
let http = [product("HTTPTypes", "swift-http-types"), product("NIOCore", "swift-nio")]
let logging = product("Logging", "swift-log")
let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let signals = product("UnixSignals", "swift-service-lifecycle")
let arguments = product("ArgumentParser", "swift-argument-parser")

let package = Package(
    name: "gyre",
    products: [.executable(name: "gyre", targets: ["gyre"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C, from Debian.
        system("CGit2", "libgit2", "libgit2-dev"),
        system("CYAML", "yaml-0.1", "libyaml-dev"),
        system("CCurl", "libcurl", "libcurl4-openssl-dev"),
        // The kernel's own calls by which a process is confined.
        .systemLibrary(name: "CLinux"),

        // The vocabulary: values that every other module speaks of. Pure.
        module("Model", [crypto]),
        // Bytes to a tree whose every node knows its file, line and column. Pure.
        module("YAMLTree", ["Model", "CYAML"]),
        // A snapshot of files to the stack that they mean. Pure.
        module("ComposeFile", ["Model", "YAMLTree"]),
        // A stack and each request body to what policy says of them. Pure.
        module("Admission", ["Model"]),
        // An admitted stack and an observation to the plan between them. Pure.
        module("Planning", ["Model", "Admission"]),
        // HTTP over sockets, and threads for calls that block.
        module("Transport", ["CCurl"]),
        // A repository and a branch to commits and snapshots.
        module("GitSource", ["Model", "Transport", "CGit2"]),
        // One Docker engine: what runs there, and one checked request to it.
        module("DockerEngine", ["Model", "Admission", "Transport"]),
        // `gyre.yaml`, the operator's file, and `.gyre.yaml`, the tenant's, to values.
        module("OperatorFile", ["Model", "YAMLTree"]),
        // Processes of this program that load what tenants push, and the way to ask one.
        module(
            "Workers",
            ["Model", "ComposeFile", "Admission", "OperatorFile", "Transport", "CLinux"]
        ),
        // A site's own policy, asked over HTTP.
        module("OpenPolicyAgent", ["Model", "Transport"]),
        // The journal, which must not be lost, and the history, which may.
        module("Store", ["Model", grdb]),
        // The way of one commit from end to end, and the loop around it.
        module(
            "Reconciliation",
            [
                "Model", "ComposeFile", "Admission", "Planning", "OperatorFile", logging,
                lifecycle,
            ]
        ),
        // The questions that the command line asks a running controller.
        module(
            "ControlAPI",
            ["Model", "Planning", "Reconciliation", "Transport", logging, lifecycle]
                + hummingbird + http
        ),
        // The commands, and the one place where all parts meet.
        .executableTarget(
            name: "gyre",
            dependencies: [
                "Model", "YAMLTree", "ComposeFile", "Admission", "Planning", "Transport",
                "GitSource", "DockerEngine", "OperatorFile", "Store", "Reconciliation",
                "ControlAPI", "Workers", "OpenPolicyAgent", arguments, logging, lifecycle, signals,
            ],
            exclude: ["README.md"],
            swiftSettings: settings
        ),

        // What the tests share: generated values, a simulated engine, text snapshots.
        .target(
            name: "TestSupport",
            dependencies: ["Model", "Admission", "Planning"],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        // Policy by the clock, for the benchmarks.
        .executableTarget(
            name: "PolicyTiming",
            dependencies: ["Model", "ComposeFile", "Admission", "OperatorFile"],
            path: "Benchmarks/PolicyTiming",
            swiftSettings: settings
        ),
        // What must hold of the loader whatever the files are, for its tests and for the fuzzer.
        .target(
            name: "LoaderProperties",
            dependencies: ["Model", "ComposeFile"],
            path: "Tests/LoaderProperties",
            swiftSettings: settings
        ),
        tests("Model"),
        tests("YAMLTree", ["Model"]),
        tests("ComposeFile", ["Model", "YAMLTree", "LoaderProperties"]),
        tests("Admission", ["Model", "ComposeFile", "Planning", "OperatorFile"]),
        tests("Planning", ["Model", "Admission"], exclude: ["Snapshots"]),
        tests("Transport"),
        tests("GitSource", ["Model", "Transport"]),
        tests("DockerEngine", ["Model", "Admission", "Transport"]),
        tests(
            "Workers",
            ["Model", "ComposeFile", "OperatorFile", "Transport", "gyre"],
            exclude: ["StandIn.sh"]
        ),
        tests("OpenPolicyAgent", ["Model", "Transport"]),
        tests("OperatorFile", ["Model"]),
        tests("Store", ["Model", grdb]),
        tests("Reconciliation", ["Model", "Admission", "Planning", "OperatorFile", logging]),
        tests("ControlAPI", ["Model", "Reconciliation", "Transport", logging, lifecycle]),
        .testTarget(
            name: "gyreTests",
            dependencies: [
                "gyre", "Model", "ComposeFile", "Admission", "Planning", "OperatorFile",
                "DockerEngine", "Reconciliation", "ControlAPI", "Store", "TestSupport",
                arguments, logging,
            ],
            exclude: ["Snapshots"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TidyTests",
            dependencies: ["TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Model", "TestSupport", "Transport"],
            swiftSettings: settings
        ),
    ]
)

if let fuzzer {
    package.targets.append(
        .executableTarget(
            name: "LoaderFuzz",
            dependencies: ["LoaderProperties"],
            path: "Tests/Fuzzing/LoaderFuzz",
            swiftSettings: settings,
            linkerSettings: [
                .unsafeFlags(["-use-ld=lld", "-Xlinker", fuzzer, "-Xlinker", "-lstdc++"])
            ]
        )
    )
}
