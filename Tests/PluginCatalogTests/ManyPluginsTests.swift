import Foundation
import JobModel
import Testing

@testable import PluginCatalog

/// A folder with a thousand plugins, and what is kept of those that were.
struct ManyPluginsTests {
    @Test func `A restart with a thousand known plugins runs none of them`() async throws {
        let kitchen = try Kitchen()
        let ids = (0..<1000).map { "p\(10_000 + $0)" }
        let whole = try Sample.bytes("p00000")
        let places = places(of: "p00000", in: whole)
        for id in ids {
            var bytes = whole
            for place in places { bytes.replaceSubrange(place, with: id.utf8) }
            try kitchen.drop(bytes, "\(id).so")
        }
        try await kitchen.serve { catalog in
            #expect(catalog.snapshot.components.count == 1000)
        }
        #expect(Set(kitchen.probes).count == 1000)
        let start = ContinuousClock.now
        try await kitchen.serve { catalog in
            print("restart with 1,000 known plugins: \(ContinuousClock.now - start)")
            #expect(catalog.snapshot.components.count == 1000)
            #expect(catalog.snapshot.plugins.allSatisfy { $0.state == .active })
        }
        #expect(kitchen.probes.count == 1000)
    }

    @Test func `Copies that nobody uses go, but for the last three of a plugin`() async throws {
        let kitchen = try Kitchen()
        var digests: [String] = []
        try await kitchen.serve { catalog in
            for number in 0..<6 {
                try kitchen.drop(Sample.bytes("sample", "1.0.\(number)"), "a.so")
                let snapshot = try await catalog.reach("1.0.\(number)") {
                    $0.record("a.so")?.descriptor?.version == "1.0.\(number)"
                }
                digests.append(try #require(snapshot.record("a.so")).digest)
            }
            try kitchen.drop(Sample.bytes("other"), "other.so")
            let other = try await catalog.reach("other.so", .active).digest
            let expected = Set(digests.suffix(3) + [other])
            try await catalog.settled { kitchen.stagedDigests == expected }
            // The last ones stay when the plugin is taken away: a way back.
            kitchen.remove("a.so")
            kitchen.remove("other.so")
            try await catalog.reach("nothing") { $0.plugins.isEmpty }
            try kitchen.drop(Sample.bytes("third"), "third.so")
            let third = try await catalog.reach("third.so", .active).digest
            try await catalog.settled { kitchen.stagedDigests == expected.union([third]) }
        }
        // An older one that comes back is not probed again and counts as new.
        try await kitchen.serve { catalog in
            let before = kitchen.probes.count
            try kitchen.drop(Sample.bytes("sample", "1.0.3"), "a.so")
            try await catalog.reach("a.so", .active, digest: digests[3])
            #expect(kitchen.probes.count == before)
        }
    }

    private func places(of text: String, in bytes: [UInt8]) -> [Range<Int>] {
        let data = Data(bytes)
        var places: [Range<Int>] = []
        while let place = data.range(of: Data(text.utf8), in: (places.last?.upperBound ?? 0)..<data.count) {
            places.append(place)
        }
        return places
    }
}

extension Kitchen {
    fileprivate var stagedDigests: Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: staged.path))?.filter(Digest.isDigest) ?? [])
    }
}
