import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// The ABI grows: plugins that were built against an older or a newer header than this host's work with it.
@Suite(.serialized) struct GrowthTests {
    @Test func `A plugin built against a shorter host table and shorter structs runs`() async throws {
        var header = try PluginHeader()
        try header.cut("berth_host", from: "(*extension)")
        try header.cut("berth_component", from: "(*extension)")
        try header.cut("berth_plugin", from: "(*start)")
        try header.cut("berth_processor", from: "(*stop)")
        let said = try await run(FixturePlugin.library("growth", header: header, flags: ["-DCUT"]))
        #expect(said.map(\.hostHas).allSatisfy { $0 > said[0].knows })
        #expect(said.map(\.component) == ["first", "second"])
    }

    @Test func `A plugin built before components could declare all their limits runs`() async throws {
        var header = try PluginHeader()
        try header.cut("berth_component", from: "max_memory_bytes")
        let said = try await run(FixturePlugin.library("growth", header: header))
        #expect(said.map(\.component) == ["first", "second"])
    }

    @Test func `A plugin built against a longer host table and longer structs finds that this host is shorter`()
        async throws
    {
        let header = try longer(minor: nil)
        let said = try await run(FixturePlugin.library("growth", header: header, flags: ["-DGROWN"]))
        #expect(said.allSatisfy { $0.knows == $0.hostHas + 16 && $0.extension && !$0.future })
        #expect(said.map(\.component) == ["first", "second"])
    }

    @Test func `Another minor version is no obstacle, whichever is older`() async throws {
        for minor in [0, 7] {
            let said = try await run(
                FixturePlugin.library("growth", header: longer(minor: minor), flags: ["-DGROWN"]))
            #expect(said.map(\.component) == ["first", "second"])
            #expect(try await descriptor(longer(minor: minor)).abiVersion == UInt32(1 << 16 | minor))
        }
    }

    @Test func `The same header on both sides knows all there is`() async throws {
        let said = try await run(FixturePlugin.library("growth"))
        #expect(said.allSatisfy { $0.knows == $0.hostHas && $0.extension })
    }

    @Test func `A plugin of a foreign major version is refused, not run`() async throws {
        var header = try PluginHeader()
        try header.replace("#define BERTH_ABI_MAJOR 1u", by: "#define BERTH_ABI_MAJOR 2u")
        let failure = try await refusal(FixturePlugin.library("growth", header: header))
        #expect(failure.stage == .refused, "\(failure)")
        #expect(failure.message.contains("250"), "\(failure.message)")
        // One whose entry has the name of its own major has no entry for this host.
        let other = try await refusal(
            FixturePlugin.library("growth", header: header, flags: ["-DENTRY=berth_plugin_v2"]))
        #expect(other.stage == .entry || other.stage == .open, "\(other)")
    }

    // MARK: Headers

    private func longer(minor: Int?) throws -> PluginHeader {
        var header = try PluginHeader()
        try header.append("int64_t (*future)(void); void *more;", to: "berth_host")
        try header.append("uint64_t future[4];", to: "berth_component")
        try header.append("uint64_t future[4];", to: "berth_plugin")
        try header.append("void (*future)(void);", to: "berth_handler")
        try header.append("void (*future)(void);", to: "berth_processor")
        guard let minor else { return header }
        let line = try #require(header.text.split(separator: "\n").first { $0.hasPrefix("#define BERTH_ABI_MINOR") })
        try header.replace(String(line), by: "#define BERTH_ABI_MINOR \(minor)u")
        return header
    }

    // MARK: What the plugin says

    private struct Said {
        var component: String
        var hostHas: Int64
        var knows: Int64
        var `extension`: Bool
        var future: Bool
    }

    /// Both components, one attempt each.
    private func run(_ library: @autoclosure () throws -> URL) async throws -> [Said] {
        let library = try library().path
        var said: [Said] = []
        try await PoolFixture.with { fixture in
            let spec = fixture.pool.intern(GuestSpec(library: library, digest: library))
            for component in 0..<2 {
                let order = AttemptOrder(
                    key: AttemptKey(run: RunID(component + 1), number: 1), slot: 0, spec: spec,
                    component: UInt32(component), rootRun: RunID(component + 1), params: Array("{}".utf8),
                    limit: .seconds(20))
                let end = try await fixture.end(of: order)
                #expect(end.outcome == .succeeded, "\(end.message ?? "")")
                said.append(try read(end.output))
            }
        }
        return said
    }

    private func read(_ output: [UInt8]) throws -> Said {
        let json = try JSONParser.parse(output)
        return Said(
            component: json["component"]?.string ?? "", hostHas: json["host_has"]?.integer ?? 0,
            knows: json["knows"]?.integer ?? 0, extension: json["extension"]?.integer == 1,
            future: json["future"]?.integer == 1)
    }

    private func probe(_ library: URL) async throws -> ProbeResult {
        var result: ProbeResult?
        try await PoolFixture.with { fixture in
            result = await fixture.pool.probe(
                GuestSpec(library: library.path, digest: library.path), deadline: .seconds(20))
        }
        return try #require(result)
    }

    private func descriptor(_ header: PluginHeader) async throws -> PluginDescriptor {
        guard
            case .loaded(let descriptor, _) = try await probe(
                FixturePlugin.library("growth", header: header, flags: ["-DGROWN"]))
        else { throw NotLoaded() }
        #expect(descriptor.components.map(\.title) == ["", "The second"])
        return descriptor
    }

    private func refusal(_ library: URL) async throws -> ProbeFailure {
        guard case .failed(let failure) = try await probe(library) else { throw NotLoaded() }
        return failure
    }

    private struct NotLoaded: Error {}
}
