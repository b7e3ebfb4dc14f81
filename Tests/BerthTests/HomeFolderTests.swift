import Foundation
import Testing

@testable import berth

struct HomeFolderTests {
    private func withHome<Result>(_ body: (HomeFolder) throws -> Result) throws -> Result {
        let home = HomeFolder(path: "/tmp/berth-home-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        return try body(home)
    }

    @Test func `a home is made for its owner alone`() throws {
        try withHome { home in
            try home.prepare()
            let attributes = try FileManager.default.attributesOfItem(atPath: home.path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test func `a second host is refused while the first lives`() throws {
        try withHome { home in
            try home.prepare()
            do {
                let lock = try HomeLock(home)
                let failure = try #require(throws: Failure.self) { try HomeLock(home) }
                #expect(failure.message.contains("process \(getpid())"))
                #expect(HomeLock.isHeld(home))
                withExtendedLifetime(lock) {}
            }
        }
    }

    @Test func `a lock that outlives its host for a moment is waited for`() throws {
        try withHome { home in
            try home.prepare()
            let gone = Process()
            gone.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            gone.arguments = ["true"]
            try gone.run()
            gone.waitUntilExit()
            try Data("\(gone.processIdentifier)\n".utf8).write(to: URL(fileURLWithPath: home.lockFile))
            let held = open(home.lockFile, O_RDWR | O_CLOEXEC)
            #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
            Thread.detachNewThread {
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(50))
                close(held)
            }
            let lock = try HomeLock(home)
            #expect(HomeLock.isHeld(home))
            withExtendedLifetime(lock) {}
        }
    }

    @Test func `the token is made once and only its owner reads it`() throws {
        try withHome { home in
            try home.prepare()
            let token = try Token.readOrMake(home)
            #expect(token.count == 64)
            #expect(try Token.readOrMake(home) == token)
            let attributes = try FileManager.default.attributesOfItem(atPath: home.tokenFile)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `a socket path that Linux cannot have is refused`() throws {
        let home = HomeFolder(path: "/tmp/" + String(repeating: "x", count: 100))
        let failure = try #require(throws: Failure.self) { try home.prepare() }
        #expect(failure.exit == .usage)
        #expect(failure.message.contains("107"))
        #expect(!FileManager.default.fileExists(atPath: home.path))
    }

    @Test func `network file systems and noexec are refused`() throws {
        try FileSystem(networkName: nil, isNoExec: false).check(for: "/h")
        let network = try #require(throws: Failure.self) {
            try FileSystem(networkName: "NFS", isNoExec: false).check(for: "/h")
        }
        #expect(network.message.contains("NFS"))
        let noexec = try #require(throws: Failure.self) {
            try FileSystem(networkName: nil, isNoExec: true).check(for: "/h")
        }
        #expect(noexec.message.contains("noexec"))
    }

    @Test func `proc is found to be noexec where it is`() throws {
        let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8)
        let line = try #require(
            mounts.split(separator: "\n").first { $0.split(separator: " ").dropFirst().first == "/proc" })
        #expect(try FileSystem(of: "/proc").isNoExec == line.contains("noexec"))
    }

    @Test func `the guest program is looked for beside and in libexec`() {
        #expect(
            CompanionProgram.guest.candidates(executable: "/usr/local/bin/berth") == [
                "/usr/local/bin/berth-guest", "/usr/local/libexec/berth/berth-guest",
            ])
    }

    @Test func `a folder of other files is no home and stays as it is`() throws {
        try withHome { home in
            try FileManager.default.createDirectory(
                atPath: home.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            try Data("x".utf8).write(to: URL(fileURLWithPath: home.path + "/letters.txt"))
            let failure = try #require(throws: Failure.self) { try home.prepare() }
            #expect(failure.exit == .usage && failure.message.contains(home.path))
            let attributes = try FileManager.default.attributesOfItem(atPath: home.path)
            #expect(attributes[.posixPermissions] as? Int == 0o755)
            try Data("x".utf8).write(to: URL(fileURLWithPath: home.path + "/berth.yaml"))
            try home.prepare()
        }
    }
}
