import ArgumentParser
import Foundation
import Testing

@testable import berth

struct SimulateCommandTests {
    @Test func `a duration for a job that is not there is refused`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("jobs-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("name: tick\ncomponent: x/y\nevery: 1h\n".utf8).write(to: file)
        let command = try #require(
            try SimulateCommand.parseAsRoot(["--jobs", file.path, "--takes", "tikk=4s"]) as? SimulateCommand)
        let failure = try #require(throws: Failure.self) { try command.run() }
        #expect(failure.message.contains("\"tikk\"") && failure.message.contains("did you mean \"tick\"?"))
    }

    @Test func `why a folder cannot be read is said in words`() throws {
        let error = try #require(throws: (any Error).self) {
            try FileManager.default.contentsOfDirectory(atPath: "/dev/null")
        }
        #expect(error.systemWords == "Not a directory")
    }
}
