import Foundation
import JobModel
import Testing

@testable import berth

/// Making and building plugin projects.
struct PluginProjectTests {
    private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = NSTemporaryDirectory() + "/berth-project-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    @Test(arguments: [
        ("c", "handler"), ("c", "processor"), ("c", "runner"), ("cpp", "handler"), ("rust", "handler"),
        ("swift", "handler"), ("swift", "processor"), ("swift", "runner"), ("ffi", "handler"),
    ])
    func `a new project has its name everywhere`(language: String, kind: String) throws {
        let scaffold = try PluginScaffold(name: "my-plugin", language: language, kind: kind)
        for path in ["Makefile", "README.md", ".gitignore", ".ci/run"] {
            #expect(scaffold.files.count { $0.path == path } == 1, "\(path)")
        }
        #expect(Set(scaffold.files.map(\.path)).count == scaffold.files.count)
        #expect(scaffold.files.filter(\.isExecutable).map(\.path) == [".ci/run"])
        for file in scaffold.files {
            let text = try #require(String(validating: file.bytes, as: UTF8.self))
            #expect(!file.path.contains("PluginName") && !text.contains("plugin-name") && !text.contains("PluginName"))
        }
        #expect(scaffold.files.contains { String(decoding: $0.bytes, as: UTF8.self).contains("my-plugin") })
    }

    @Test func `a bad name and an unknown language are refused`() throws {
        #expect(try #require(throws: Failure.self) { try PluginScaffold(name: "My", language: "c") }.exit == .usage)
        let failure = try #require(throws: Failure.self) { try PluginScaffold(name: "my", language: "cobol") }
        #expect(failure.message.contains("c, cpp, ffi, rust, swift"))
    }

    @Test func `a kind replaces files, and one that is not there is refused`() throws {
        let processor = try PluginScaffold(name: "my", language: "c", kind: "processor")
        let source = try #require(processor.files.first { $0.path == "plugin.c" })
        #expect(String(decoding: source.bytes, as: UTF8.self).contains("BERTH_KIND_PROCESSOR"))
        let none = try #require(throws: Failure.self) { try PluginScaffold(name: "my", language: "c", kind: "job") }
        #expect(none.message.contains("handler, processor, runner"))
        let other = try #require(throws: Failure.self) {
            try PluginScaffold(name: "my", language: "rust", kind: "runner")
        }
        #expect(other.message.contains("there is one for c and swift"))
        for folder in ["c-runner", "ffi-bridge"] {
            #expect(throws: Failure.self) { try PluginScaffold(name: "my", language: folder) }
        }
    }

    @Test func `a folder with something in it is left alone`() throws {
        try withFolder { folder in
            try Data().write(to: URL(fileURLWithPath: folder + "/mine"))
            #expect(throws: Failure.self) { try PluginScaffold(name: "my", language: "c").write(to: folder) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["mine"])
        }
    }

    @Test func `the header is the plugin ABI`() {
        #expect(String(decoding: PluginScaffold.header, as: UTF8.self).contains("berth_plugin_v1"))
    }

    @Test func `a C project is made, built and put in place`() throws {
        try withFolder { folder in
            let project = folder + "/hello"
            try PluginScaffold(name: "hello", language: "c").write(to: project)
            let library = try PluginBuild(folder: project).run(folder: project)
            #expect(library == project + "/hello.so")
            try PluginBuild.place(library, at: folder + "/plugins/hello.so")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/plugins") == ["hello.so"])
        }
    }

    @Test func `plugin yaml beats the rest`() throws {
        try withFolder { folder in
            try Data("all:\n\tfalse\n".utf8).write(to: URL(fileURLWithPath: folder + "/Makefile"))
            try Data("build: echo x > made.so\noutput: made.so\n".utf8)
                .write(to: URL(fileURLWithPath: folder + "/plugin.yaml"))
            #expect(try PluginBuild(folder: folder).run(folder: folder) == folder + "/made.so")
        }
    }

    @Test(arguments: [
        ("buidl: x\noutput: y\n", "plugin.yaml:1: \"build\" is missing"),
        ("build: x\n", "plugin.yaml:1: \"output\" is missing"),
    ])
    func `a wrong plugin yaml is refused`(text: String, words: String) throws {
        try withFolder { folder in
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/plugin.yaml"))
            let failure = try #require(throws: Failure.self) { try PluginBuild(folder: folder) }
            #expect(failure.message.contains(words), "\(failure.message)")
        }
    }

    @Test func `a folder without a project and a build that fails are said in a sentence`() throws {
        try withFolder { folder in
            let none = try #require(throws: Failure.self) { try PluginBuild(folder: folder) }
            #expect(none.message.contains("is no plugin project"))
            let missing = try #require(throws: Failure.self) { try PluginBuild(folder: folder + "/nosuch") }
            #expect(missing.message.contains("There is no folder") && missing.message.contains("nosuch"))
            try Data("all:\n\tfalse\n".utf8).write(to: URL(fileURLWithPath: folder + "/Makefile"))
            let failed = try #require(throws: Failure.self) { try PluginBuild(folder: folder).run(folder: folder) }
            #expect(failed.exit == .runFailed)
            try Data("all:\n\ttrue\n".utf8).write(to: URL(fileURLWithPath: folder + "/Makefile"))
            let empty = try #require(throws: Failure.self) { try PluginBuild(folder: folder).run(folder: folder) }
            #expect(empty.message.contains("made no .so"))
        }
    }
}
