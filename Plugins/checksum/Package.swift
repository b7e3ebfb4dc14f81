// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "checksum",
    products: [.library(name: "Checksum", type: .dynamic, targets: ["Checksum"])],
    targets: [
        // berth_plugin.h, the contract between host and plugin, and the Swift layer over it.
        .target(name: "CBerthPlugin"),
        .target(name: "BerthPlugin", dependencies: ["CBerthPlugin"]),
        // Your components.
        .target(
            name: "Checksum", dependencies: ["BerthPlugin"],
            linkerSettings: [.unsafeFlags(carryingRuntime, .when(configuration: .release))]),
        .testTarget(name: "ChecksumTests", dependencies: ["BerthPlugin", "Checksum"]),
    ]
)

/// The file carries its own Swift runtime and shows only its entry, so that it works whatever the host has installed.
var carryingRuntime: [String] {
    let exports = "--version-script=\(Context.packageDirectory)/exports.map"
    return ["-static-stdlib"]
        + [exports, "--gc-sections", "-s", "--build-id", "-z", "now", "-z", "relro"].flatMap { ["-Xlinker", $0] }
}
