import Foundation
import TestSupport
import Testing

/// What somebody with nothing but the installed programs does: a new project in each language, its build, its tests and
/// a run. Without network.
@Suite(.serialized) struct TemplateTests {
    struct Project: CustomTestStringConvertible, Sendable {
        var language: String
        var kind = "handler"
        /// A program without which the language cannot be built.
        var tool: String
        var params = ["name=Ada"]
        /// What a run with those prints.
        var prints: String
        /// A runner starts a program.
        var grants: [String] { kind == "runner" ? ["--grant", "subprocess"] : [] }
        var testDescription: String { "\(language) \(kind)" }

        static let all = [
            Project(language: "c", tool: "cc", prints: #"{"greeting":"Hello, Ada!"}"#),
            Project(
                language: "c", kind: "processor", tool: "cc",
                prints: Array(repeating: #"{"greeting":"Hello, Ada!"}"#, count: 3).joined(separator: "\n")),
            Project(language: "c", kind: "runner", tool: "cc", prints: "Hello, Ada!"),
            Project(language: "cpp", tool: "c++", prints: #"{"greeting":"Hello, Ada!"}"#),
            Project(language: "rust", tool: "cargo", prints: #"{"greeting":"Hello, Ada!"}"#),
            Project(language: "swift", tool: "swift", prints: #"{"greeting":"Hello, Ada!"}"#),
            Project(language: "ffi", tool: "cc", params: ["x=3", "y=4"], prints: #"{"value":5}"#),
        ]
    }

    @Test(arguments: Project.all)
    func `a new project builds from nothing, passes its tests and runs`(project: Project) async throws {
        guard try await isInstalled(project.tool) else {
            return print("skipped: the \(project.language) template, \(project.tool) is not installed")
        }
        let folder = temporaryFolder("template")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let start = ContinuousClock.now
        try await succeed("plugin", "new", "mine", "--lang", project.language, "--kind", project.kind, in: folder)
        let built = try await succeed("plugin", "build", "mine", in: folder)
        let library = built.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let ran = try await succeed(
            ["run", library] + project.params.flatMap { ["-p", $0] } + project.grants, in: folder)
        print("\(project.testDescription): \(ContinuousClock.now - start) from nothing to the first run")
        #expect(ran.output.trimmingCharacters(in: .newlines) == project.prints)
        try await exportsItsEntryAlone(library)
        try await succeed("plugin", "check", library, "--seed", "1", in: folder)
        // Half a minute for the test library in Swift; the layer has its tests here.
        guard project.language != "swift" else { return try await otherKinds(in: folder) }
        let tested = try await Shell.run(
            "make", "test", "BERTH=\(RunningHost.program)", in: folder.appendingPathComponent("mine"))
        #expect(tested.status == 0, "\(tested.output)\(tested.errors)")
    }

    /// The other kinds in Swift, where the handler was built: the layer is compiled already.
    private func otherKinds(in folder: URL) async throws {
        let (project, built) = (folder.appendingPathComponent("mine"), folder.appendingPathComponent("built"))
        for (kind, line) in [("processor", #"{"greeting":"Hello, Ada!"}"#), ("runner", "Hello, Ada!")] {
            try FileManager.default.moveItem(at: project.appendingPathComponent(".build"), to: built)
            try FileManager.default.removeItem(at: project)
            try await succeed("plugin", "new", "mine", "--lang", "swift", "--kind", kind, in: folder)
            try FileManager.default.moveItem(at: built, to: project.appendingPathComponent(".build"))
            try await succeed("plugin", "build", "mine", in: folder)
            let ran = try await succeed(
                "run", project.path + "/mine.so", "-p", "name=Ada", "--grant", "subprocess", in: folder)
            #expect(ran.output.hasPrefix(line), "\(kind)")
            try await succeed("plugin", "check", project.path + "/mine.so", "--seed", "1", in: folder)
        }
    }

    @Test(arguments: ["c", "cpp", "ffi"])
    func `a project's sanitizer build passes its tests`(language: String) async throws {
        let folder = temporaryFolder("template")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await succeed("plugin", "new", "mine", "--lang", language, in: folder)
        let tested = try await Shell.run(
            "make", "asan", "BERTH=\(RunningHost.program)", in: folder.appendingPathComponent("mine"))
        #expect(tested.status == 0, "\(tested.output)\(tested.errors)")
        #expect(["all tests passed", "asan: skipped", "2 examples, 0 failed"].contains { tested.output.contains($0) })
    }

    private func isInstalled(_ tool: String) async throws -> Bool {
        try await Shell.run("sh", "-c", "command -v \(tool)").status == 0
    }

    @discardableResult
    private func succeed(_ words: String..., in folder: URL) async throws -> Finished {
        try await succeed(words, in: folder)
    }

    @discardableResult
    private func succeed(_ words: [String], in folder: URL) async throws -> Finished {
        let finished = try await Shell.run([RunningHost.program] + words, in: folder)
        try #require(finished.status == 0, "\(words): \(finished.output)\(finished.errors)")
        return finished
    }

    private func exportsItsEntryAlone(_ library: String) async throws {
        // Without the lower-case letters: those are local to the file.
        let symbols = try await Shell.run("nm", "-D", "--defined-only", "--extern-only", library).output
        let exported = symbols.split(separator: "\n").filter { $0.firstMatch(of: #/ [a-z] /#) == nil }
        #expect(exported.count == 1 && exported.first?.hasSuffix(" T berth_plugin_v1") == true, "\(symbols)")
        let notes = try await Shell.run("readelf", "-n", library).output
        #expect(notes.contains("Build ID"))
    }
}
