import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// What a job may open to a plugin: what it names, and nothing that a plugin made of it.
@Suite(.serialized) struct AccessFenceTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("access-\(UUID().uuidString)")

    @Test func `The home, what is in it and what holds it are refused, what lies beside it is not`() throws {
        let home = try make(folder: "home")
        try make(file: "home/token")
        let beside = try make(folder: "beside")
        let fence = AccessFence(home: home)
        for place in [home, "\(home)/token", "\(home)/none", "\(home)/../home/.", folder.path, "/"] {
            #expect(fence.objection(to: place) != nil, "\(place)")
        }
        #expect(fence.objection(to: beside) == nil)
        #expect(fence.objection(to: "\(beside)/./none/") == nil)
        #expect(AccessFence(home: nil).objection(to: "/") == nil)
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `A link that an attempt left opens nothing to the next one`() async throws {
        let input = try make(file: "input")
        let secret = try make(file: "secret")
        try await PoolFixture.with { fixture in
            #expect(try await fixture.end(of: order(1, fixture, input)).outcome == .succeeded)
            try FileManager.default.removeItem(atPath: input)
            try FileManager.default.createSymbolicLink(atPath: input, withDestinationPath: secret)
            var spec = try fixture.spec("escapes")
            spec.access.read = [input]
            spec.configuration = "{\"new\":1}"
            let end = try await fixture.end(of: order(2, fixture, input, spec))
            #expect(end.outcome == .crashed(.noGuest))
            #expect(end.message?.contains("a symbolic link is on the way to \(input)") == true, "\(end)")
            #expect(end.message?.contains(secret) == true, "\(end)")
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `A link that is put there after the host has looked is not followed either`() throws {
        let input = try make(file: "input")
        let secret = try make(file: "secret")
        let lone = try LoneGuest(
            GuestSpec(library: FixturePlugin.library("escapes").path, digest: "d", access: FileAccess(read: [input])))
        try lone.guest.greet(isProbe: true, lacks: KernelLacks(), fence: AccessFence(home: nil))
        try FileManager.default.removeItem(atPath: input)
        try FileManager.default.createSymbolicLink(atPath: input, withDestinationPath: secret)
        lone.guest.flush()
        while lone.guest.failure == nil, lone.guest.descriptor == nil {
            var word = pollfd(fd: lone.guest.process.socket, events: Int16(POLLIN), revents: 0)
            guard poll(&word, 1, 60_000) == 1 else { break }
            lone.guest.pump(lone.turn, outputIsReady: false)
        }
        #expect(lone.guest.failure?.message.contains("a symbolic link is on the way to \(input)") == true)
        lone.close()
        try FileManager.default.removeItem(at: folder)
    }

    /// Reads the file by the component of `escapes` that tries to.
    private func order(
        _ run: RunID, _ fixture: PoolFixture, _ input: String, _ given: GuestSpec? = nil
    ) throws -> AttemptOrder {
        var spec = try fixture.spec("escapes")
        spec.access.read = [input]
        let source = try String(
            contentsOf: Checkout.root.appendingPathComponent("Tests/Fixtures/escapes.c"), encoding: .utf8)
        let names = source.matches(of: /ROW\(\w+, "([a-z0-9-]+)"\)/).map { String($0.output.1) }
        let index = try #require(names.firstIndex(of: "read-file"))
        return AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: Int32(run), spec: fixture.pool.intern(given ?? spec),
            component: UInt32(index), rootRun: run, params: Array("{\"read\":\"\(input)\"}".utf8), limit: .seconds(60))
    }

    private func make(folder name: String) throws -> String {
        let place = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        return place.path
    }

    @discardableResult
    private func make(file name: String) throws -> String {
        let place = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: place)
        return place.path
    }
}
