import Foundation
import PluginCheck
import TestSupport

/// Checks of plugins made of Tests/Fixtures/check, with the programs of this build.
enum CheckFixtures {
    static func report(
        _ file: URL, profile: Check.Profile = .quick, seed: UInt64 = 1, params: String? = nil,
        components: [String] = [],
        checks: [Check] = Check.allCases
    ) async throws -> CheckReport {
        try await PluginExam.run(
            CheckRequest(
                file: file.path, components: components, params: params.map { Array($0.utf8) }, profile: profile,
                seed: seed, checkProgram: Checkout.products.appendingPathComponent("berth-check").path,
                guestProgram: Checkout.products.appendingPathComponent("berth-guest").path), checks: checks)
    }

    /// The library made of a fixture, as a good project would link it.
    static func library(_ name: String, _ flags: [String] = []) throws -> URL {
        try FixturePlugin.library("check/\(name)", flags: ["-Wl,-z,relro", "-Wl,--build-id"] + flags)
    }

    /// A copy of a fixture's library with every `old` replaced by `new`, which is as long.
    static func altered(_ name: String, _ old: String, _ new: String) throws -> URL {
        var data = try Data(contentsOf: library(name))
        while let place = data.range(of: Data(old.utf8)) { data.replaceSubrange(place, with: Data(new.utf8)) }
        return try file(data)
    }

    static func file(_ data: Data) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("berth-test-\(UUID().uuidString).so")
        try data.write(to: file)
        return file
    }
}
