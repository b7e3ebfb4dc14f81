import Foundation
import TestSupport
import Testing

/// Plugins made of a foreign library, as their authors build and operators run them.
@Suite(.serialized) struct ForeignLibraryTests {
    @Test func `callbacks, structs and numbers of every width do what the library's own callers see`() async throws {
        let project = try await Self.project("meter")
        defer { try? FileManager.default.removeItem(at: project) }
        // The library is not installed on this machine, so that no host could run what is built: the examples can.
        _ = try await berth(["plugin", "build", project.path])
        for kind in ["test", "asan"] {
            let tested = try await Shell.run([
                "make", "-s", "-C", project.path + "/build/bridge", "PROJECT=\(project.path)",
                "OUT=\(project.path)/meter.so", kind,
            ])
            #expect(tested.status == 0, "\(kind): \(tested.output)\(tested.errors)")
            #expect(tested.output.contains("11 examples, 0 failed"), "\(kind): \(tested.output)")
        }
    }

    @Test func `the host runs them: structs, lines that a callback logs, and a callback that is told to stop`()
        async throws
    {
        let project = try await Self.project("posix")
        defer { try? FileManager.default.removeItem(at: project) }
        let library = try await build(project)
        let seconds = try await berth(["run", library, "seconds", "-p", "day=1", "-p", "month=0", "-p", "year=70"])
        #expect(
            seconds.output.contains(#"{"seconds":0,"weekday":4,"yearday":0}"#), "\(seconds.output)\(seconds.errors)")
        let folder = "/usr/share/common-licenses"
        let walked = try await berth(["run", library, "walk", "-p", "path=\(folder)", "--read", folder])
        #expect(walked.status == 0 && walked.errors.contains("\(folder)/GPL-3"), "\(walked.errors)")
        let stopped = try await berth(
            ["run", library, "walk", "-p", "path=/usr", "--read", "/usr", "--timeout", "50ms"])
        #expect(stopped.status == 1 && stopped.errors.contains("told to stop"), "\(stopped.errors.suffix(500))")
        let checked = try await berth(["plugin", "check", library, "seconds"])
        #expect(checked.output.contains("ffi-signatures") && checked.status == 0, "\(checked.output)")
    }

    @Test func `what nobody could check runs when the operator says so, and not before`() async throws {
        let project = try await Self.project("posix") {
            $0.replacing("headers: [ftw.h, time.h]", with: "unverified: true")
        }
        defer { try? FileManager.default.removeItem(at: project) }
        let library = try await build(project)
        let words = ["run", library, "seconds", "-p", "day=1", "-p", "month=0", "-p", "year=70"]
        let refused = try await berth(words, home: project)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("plugins: {posix: {config: {unverified: true}}}"), "\(refused.errors)")
        let said = "plugins: {posix: {config: {unverified: true}}}\n"
        try said.write(to: project.appendingPathComponent("berth.yaml"), atomically: true, encoding: .utf8)
        let ran = try await berth(words, home: project)
        #expect(ran.status == 0 && ran.output.contains(#""seconds":0"#), "\(ran.output)\(ran.errors)")
        let checked = try await berth(["plugin", "check", library, "seconds", "--json"])
        #expect(checked.output.contains("an operator has to say"), "\(checked.output)")
    }

    private static let two = "{type: i8, param: a}, {type: i8, param: b}"
    private static let most = "{type: u64, param: a}, {type: u64, param: b}"
    private static let many = Array(repeating: "{type: u64, value: 1}", count: 33).joined(separator: ", ")

    /// What the grammar and the header refuse, with words that help.
    @Test(arguments: [
        (two, "{type: i16, param: a}, {type: i8, param: b}", "argument 1 of meter_least is no i16"),
        (two, "{type: i8, param: a}", "another number of arguments"),
        ("result: {type: i8, emit: least}", "result: {type: u8, emit: least}", "the result of meter_least is no u8"),
        ("{type: f32, param: depth}", "{type: f64, param: depth}", "no f64 in the header"),
        ("{type: u64, as: total}", "{type: u32, as: total}", "the callback in argument 2"),
        ("function: meter_most", "function: meter_format", "plain"),
        ("function: meter_most", "function: meter_nosuch", "meter_nosuch"),
        (most, "{type: void, param: a}", "void is a type of results only"),
        (most, "{type: struct, param: a}", "type \"struct\" is unknown"),
        (most, "{type: ptr, param: a}", "a param cannot be a pointer"),
        (most, many, "more than 32"),
    ])
    func `a description that is wrong is refused when it is built`(old: String, new: String, words: String) async throws
    {
        let project = try await Self.project("meter") { $0.replacing(old, with: new) }
        defer { try? FileManager.default.removeItem(at: project) }
        let built = try await berth(["plugin", "build", project.path])
        #expect(built.status != 0 && built.errors.contains(words), "\(built.errors)")
    }

    // MARK: Steps

    /// A copy of a folder of Tests/Fixtures/foreign, its description changed, with the library compiled where it has one.
    private static func project(_ name: String, _ change: (String) -> String = { $0 }) async throws -> URL {
        let folder = temporaryFolder("foreign")
        let fixture = Checkout.root.appendingPathComponent("Tests/Fixtures/foreign/\(name)")
        try FileManager.default.copyItem(at: fixture, to: folder)
        let description = folder.appendingPathComponent("plugin.yaml")
        let text = try String(contentsOf: description, encoding: .utf8)
        try change(text).write(to: description, atomically: true, encoding: .utf8)
        guard name == "meter" else { return folder }
        let made = try await Shell.run(
            ["cc", "-shared", "-fPIC", "-g", "-fvisibility=hidden", "-o", "libmeter.so", "meter.c"], in: folder)
        try #require(made.status == 0, "\(made.errors)")
        return folder
    }

    @discardableResult
    private func build(_ project: URL) async throws -> String {
        let built = try await berth(["plugin", "build", project.path])
        try #require(built.status == 0, "\(built.errors)")
        return built.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func berth(_ words: [String], home: URL? = nil) async throws -> Finished {
        let environment = home.map { ["env", "BERTH_HOME=\($0.path)"] } ?? []
        return try await Shell.run(environment + [RunningHost.program] + words)
    }
}
