import Foundation
import JobModel
import PluginCatalog
import TestSupport

@testable import PluginCheck

/// Checks of plugins made of Tests/Fixtures/check, with the programs of this build.
enum CheckFixtures {
    static func report(
        _ file: URL, profile: Check.Profile = .quick, seed: UInt64 = 1, params: String? = nil,
        components: [String] = [], isTrusted: Bool = true,
        checks: [Check] = Check.allCases
    ) async throws -> CheckReport {
        var request = request(file)
        request.components = components
        request.params = params.map { Array($0.utf8) }
        request.profile = profile
        request.seed = seed
        request.isTrusted = isTrusted
        return try await PluginExam.run(request, checks: checks)
    }

    /// What `body` finds out in an exam of the file.
    static func exam<Value: Sendable>(
        _ file: URL, _ body: (PluginExam) async throws(CheckError) -> Value
    ) async throws(CheckError) -> Value {
        try await PluginExam.with(request(file), body)
    }

    private static func request(_ file: URL) -> CheckRequest {
        CheckRequest(
            file: file.path, components: [], params: nil, profile: .quick, seed: 1,
            checkProgram: Checkout.products.appendingPathComponent("berth-check").path,
            guestProgram: Checkout.products.appendingPathComponent("berth-guest").path)
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

    /// A copy of a fixture's library with its manifest in it, which may be told otherwise.
    static func stamped(_ name: String, _ change: (inout PluginDescriptor) -> Void) async throws -> URL {
        let copy = try file(Data(contentsOf: library(name)))
        var descriptor = try await descriptor(of: copy)
        change(&descriptor)
        try PluginFile.stamp(copy.path, with: descriptor)
        return copy
    }

    private static func descriptor(of file: URL) async throws -> PluginDescriptor {
        try await PluginExam.with(request(file)) { (exam) async throws(CheckError) in
            try await exam.lay(FileChecks(path: file.path)).mapError { CheckError.system($0.words) }.get().descriptor
        }
    }

    static func file(_ data: Data) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("berth-test-\(UUID().uuidString).so")
        try data.write(to: file)
        return file
    }
}
