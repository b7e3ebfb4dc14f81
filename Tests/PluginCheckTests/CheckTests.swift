import Foundation
import JobModel
import TestSupport
import Testing

@testable import PluginCheck

/// Each check has a plugin that fails it and nothing else.
@Suite(.serialized)
struct CheckTests {
    /// Checks whose fixture has the check's own name and needs nothing special.
    static let plain: [Check] = [
        .entryExported, .exportsMinimal, .noUndefined, .loadNow, .loadTime, .loadQuiet, .loadSandboxed,
        .entryForeignMajor, .entryOlderHost, .entryNewerHost, .entryOutSize, .entryTwice, .descriptorValid,
        .descriptorStable, .extensionUnknown, .schemaValid, .paramsRejected, .inputEmpty, .inputRandom, .inputMax,
        .outputOverLimit, .emitRefused, .codesInRange, .errorText, .lifecycleBalanced, .lifecycleStop, .cancelImmediate,
        .cancelLatency, .cancelForms, .deadlineHonoured, .heartbeatPresent, .runnerProtocol, .mapReduceShape,
        .determinism, .idempotence, .concurrency, .threadDeclaration, .contextAfterReturn, .sandboxNeeds,
        .memoryGrowth, .fdGrowth, .allocationFailure, .signalsUntouched, .noExit, .fuzz, .ffiSignatures,
    ]

    @Test func `a plugin without fault passes everything`() async throws {
        let library = try await CheckFixtures.stamped("fine") { _ in }
        defer { try? FileManager.default.removeItem(at: library) }
        let report = try await CheckFixtures.report(library)
        for result in report.results { #expect(!result.hasFailed, "\(result.check.name): \(result.text)") }
        #expect(report.results.map(\.check) == Check.allCases)
        #expect(report.plugin == "fixture")
        for result in report.results {
            if case .notRun(let why) = result.verdict { Issue.record("\(result.check.name) was not run: \(why)") }
        }
    }

    /// What takes no time is asked too; with BERTH_EXHAUSTIVE in the environment, all there is: about two minutes.
    @Test(arguments: plain)
    func `each fixture fails its check and no other`(check: Check) async throws {
        let isExhaustive = ProcessInfo.processInfo.environment["BERTH_EXHAUSTIVE"] != nil
        let asked = isExhaustive ? Check.allCases : Self.quick.filter { $0 != check } + [check]
        let report = try await CheckFixtures.report(CheckFixtures.library(check.name), checks: asked)
        Self.expect(report, check)
        #expect(report.results.count == asked.count)
    }

    @Test func `words for a code by an extension are as good as those of an attempt`() async throws {
        let report = try await CheckFixtures.report(CheckFixtures.library("explained"), checks: [.errorText])
        for result in report.results { #expect(!result.hasFailed, "\(result.text)") }
    }

    private static let quick: [Check] = [
        .sharedObject, .entryExported, .exportsMinimal, .noUndefined, .glibcFloor, .neededAllowed, .hardening, .buildID,
        .loadNow, .descriptorValid, .loadSandboxed, .schemaValid,
    ]

    @Test func `files that are no library, and libraries that are linked badly`() async throws {
        let text = try CheckFixtures.file(Data("#!/bin/sh\n".utf8))
        defer { try? FileManager.default.removeItem(at: text) }
        Self.expect(try await CheckFixtures.report(text, checks: Self.quick + [.entryTwice]), .sharedObject)
        let newer = try CheckFixtures.altered("fd-growth", "\0GLIBC_2.", "\0GLIBC_9.")
        defer { try? FileManager.default.removeItem(at: newer) }
        Self.expect(try await CheckFixtures.report(newer, checks: Self.quick + [.entryTwice]), .glibcFloor)
        let missing = try CheckFixtures.altered("fd-growth", "libc.so.6\0", "libq.so.6\0")
        defer { try? FileManager.default.removeItem(at: missing) }
        Self.expect(try await CheckFixtures.report(missing, checks: Self.quick + [.entryTwice]), .neededAllowed)
        for (flag, check) in [
            ("-Wl,-rpath,/opt/mine", Check.neededAllowed), ("-Wl,-z,norelro", .hardening), ("-Wl,-z,lazy", .hardening),
            ("-Wl,--build-id=none", .buildID),
        ] {
            let library = try CheckFixtures.library("fine", [flag])
            Self.expect(try await CheckFixtures.report(library, checks: Self.quick), check)
        }
    }

    @Test func `a plugin without a manifest is told so, and one whose manifest is not true`() async throws {
        let bare = try await CheckFixtures.report(CheckFixtures.library("fine"), checks: Self.manifest)
        Self.expect(bare, .manifestPresent)
        let liar = try await CheckFixtures.stamped("fine") { $0.version = "9.9.9" }
        defer { try? FileManager.default.removeItem(at: liar) }
        let report = try await CheckFixtures.report(liar, checks: Self.manifest)
        Self.expect(report, .manifestMatches)
        #expect(report.results.contains { $0.text.contains("9.9.9") })
    }

    private static let manifest: [Check] = [.manifestPresent, .manifestMatches]

    @Test func `a sanitizer build is asked what its sanitizer says`() async throws {
        let library = try CheckFixtures.library("sanitizer", ["-fsanitize=address"])
        let report = try await CheckFixtures.report(library, checks: Check.allCases.filter { $0 != .manifestPresent })
        Self.expect(report, .sanitizer)
        let found = report.results.first { $0.check == .sanitizer }
        #expect(found?.text.contains("heap-buffer-overflow") == true, "\(found?.text ?? "")")
    }

    /// Names of ten letters, as long as the one in the fixture.
    @Test(arguments: [
        ("getpwnam_r", nil), ("__progname", "is no function that can be called"), ("nonesuch_1", "no function"),
    ])
    func `functions are told from data, and from what is not there`(name: String, words: String?) async throws {
        let place = "\",\"components\":[{\"id\":\"it\",\"function\":\""
        let library = try CheckFixtures.altered(
            "ffi-signatures", "libm.so.6\(place)hypotenuse", "libc.so.6\(place)\(name)")
        defer { try? FileManager.default.removeItem(at: library) }
        let result = try await CheckFixtures.report(library, checks: [.ffiSignatures]).results.first
        #expect(result?.hasFailed == (words != nil), "\(result?.text ?? "")")
        if let words { #expect(result?.text.contains(words) == true, "\(result?.text ?? "")") }
    }

    @Test func `what a run needs is seen though it asks for state and for time first`() async throws {
        let report = try await CheckFixtures.report(
            CheckFixtures.library("sandbox-needs-state"), checks: Self.quick + [.sandboxNeeds])
        Self.expect(report, .sandboxNeeds)
    }

    @Test func `a file that nobody vouches for reaches nothing while it is loaded, and no more is tried`() async throws
    {
        let library = try CheckFixtures.library("load-reaches-out")
        let trusted = try await CheckFixtures.report(library, checks: Self.quick)
        #expect(trusted.results.first { $0.check == .loadNow }?.hasFailed == true)
        let report = try await CheckFixtures.report(library, isTrusted: false, checks: Self.quick)
        for result in report.results where [.loadNow, .descriptorValid].contains(result.check) {
            #expect(!result.hasFailed, "\(result.check.name): \(result.text)")
        }
        let needy = try await CheckFixtures.report(
            CheckFixtures.library("sandbox-needs"), isTrusted: false, checks: [.sandboxNeeds])
        #expect(needy.results.first?.text.contains("--trust") == true, "\(needy.results)")
    }

    /// Every check stands in one of the lists above and below; those named here have a test of their own.
    @Test func `no check is without a fixture that fails it`() {
        let special: Set<Check> = [
            .sharedObject, .glibcFloor, .neededAllowed, .hardening, .buildID, .manifestPresent, .manifestMatches,
            .sanitizer,
        ]
        let missing = Check.allCases.filter { !Self.plain.contains($0) && !special.contains($0) }
        #expect(missing.isEmpty, "\(missing.map(\.name))")
        #expect(special.isDisjoint(with: Self.plain))
    }

    @Test func `a secret in an error text is noticed`() async throws {
        let report = try await CheckFixtures.report(
            CheckFixtures.library("error-text-secret"), checks: Self.quick + [.errorText])
        Self.expect(report, .errorText)
        #expect(report.results.contains { $0.hasFailed && $0.text.contains("x-secret") })
    }

    @Test func `the same seed finds the same, and says what it did`() async throws {
        let library = try CheckFixtures.library("fuzz")
        let texts = try await ([7, 7] as [UInt64]).asyncMap { seed in
            try await CheckFixtures.report(library, seed: seed, checks: [.fuzz]).results.first?.text
        }
        #expect(texts[0] == texts[1])
        #expect(texts[0]?.contains("SIG") == true && texts[0]?.contains("random run") == true, "\(texts)")
    }

    @Test func `the full profile finds nothing in a plugin without fault`() async throws {
        let checks: [Check] = [
            .emitRefused, .inputMax, .codesInRange, .lifecycleStop, .contextAfterReturn, .fuzz,
        ]
        let report = try await CheckFixtures.report(CheckFixtures.library("fine"), profile: .full, checks: checks)
        #expect(report.results.count == checks.count)
        for result in report.results { #expect(!result.hasFailed, "\(result.check.name): \(result.text)") }
    }

    @Test func `a component that is not there is named, and so are those that are`() async throws {
        let library = try CheckFixtures.library("fine")
        await #expect(throws: CheckError.noSuchComponent("that", known: ["it"])) {
            _ = try await CheckFixtures.report(library, components: ["that"])
        }
        await #expect(throws: CheckError.noSuchFile("/nowhere/a.so")) {
            _ = try await CheckFixtures.report(URL(fileURLWithPath: "/nowhere/a.so"))
        }
    }

    private static func expect(_ report: CheckReport, _ check: Check) {
        let failed = report.results.filter(\.hasFailed)
        let told = failed.map { "\($0.check.name): \($0.text)" }
        #expect(failed.map(\.check) == [check], "\(told)")
        #expect(failed.allSatisfy { !$0.text.isEmpty }, "no failure without words")
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
