import Foundation
import JobModel
import TestSupport
import Testing

@testable import PluginCatalog

struct PluginManifestTests {
    private let descriptor = PluginDescriptor(
        id: "sample", version: "1.0.0", vendor: "mine", abiVersion: 1 << 16 | 2,
        components: [
            ComponentDescriptor(id: "noop", kind: .handler),
            ComponentDescriptor(
                id: "full", version: "2.0.0", title: "T", description: "D \"quoted\"", kind: .runner,
                flags: [.cooperative, .network], maxConcurrency: 4, defaultTimeout: .seconds(90),
                grace: .milliseconds(250),
                stall: .seconds(3), maxInputBytes: 1 << 40,
                limits: AttemptLimits(
                    cpu: .seconds(1), memory: 2, fileSize: 3, scratch: 4, openFiles: 16, processes: 6, output: 7, log: 8
                ),
                paramsSchema: #"{"type":"object"}"#, resultType: "text/plain"),
        ])

    private func stamped(_ bytes: [UInt8], _ descriptor: PluginDescriptor) throws -> [UInt8] {
        try ElfSectionWriter.write(".berth.manifest", PluginManifest.encode(descriptor), into: bytes)
    }

    private func manifest(_ bytes: [UInt8]) throws -> PluginDescriptor? { try judge(bytes).get().manifest }

    private func judge(_ bytes: [UInt8]) -> Result<ElfFacts, Rejection> {
        bytes.withUnsafeBytes { buffer in Result { () throws(Rejection) in try StaticCheck().judge(buffer) } }
    }

    @Test func `What is stamped is read, every field of it`() throws {
        #expect(try manifest(Sample.bytes()) == nil)
        let bytes = try stamped(Sample.bytes(), descriptor)
        #expect(try manifest(bytes) == descriptor)
        // Another stamp takes the place of the first.
        var other = descriptor
        other.version = "2.0.0"
        #expect(try manifest(stamped(bytes, other)) == other)
    }

    @Test(arguments: [["strip", "--strip-all"], ["strip", "--strip-unneeded"], ["strip", "--strip-debug"]])
    func `It survives strip, and the library still loads`(command: [String]) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-stamp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("a.so")
        try Data(stamped(Sample.bytes(), descriptor)).write(to: file)
        let stripped = try await Shell.run(command + [file.path])
        #expect(stripped.status == 0, "\(stripped.errors)")
        #expect(try manifest([UInt8](Data(contentsOf: file))) == descriptor)
        let listed = try await Shell.run("readelf", "-SW", file.path)
        #expect(listed.output.contains(".berth.manifest"))
        #expect(listed.errors.isEmpty, "\(listed.errors)")
    }

    @Test func `A library without sections gets them`() throws {
        var bytes = try Sample.bytes()
        for place in 40..<48 { bytes[place] = 0 }
        for place in 60..<64 { bytes[place] = 0 }
        #expect(try manifest(stamped(bytes, descriptor)) == descriptor)
    }

    @Test func `A file is stamped in place, once`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString).so")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(Sample.bytes()).write(to: file)
        try PluginFile.stamp(file.path, with: descriptor)
        let first = try PluginFile(path: file.path)
        #expect(first.facts.manifest == descriptor)
        #expect(first.refusal == nil)
        try PluginFile.stamp(file.path, with: descriptor)
        #expect(try PluginFile(path: file.path).digest == first.digest)
    }

    @Test func `The first difference between claim and truth is named`() {
        func sentence(_ change: (inout PluginDescriptor) -> Void) -> String? {
            var claim = descriptor
            change(&claim)
            return PluginManifest.difference(claim, from: descriptor)?.sentence
        }
        #expect(sentence { _ in } == nil)
        #expect(
            sentence { $0.version = "0.9.0" }
                == "its manifest says \"0.9.0\" for version, the plugin itself \"1.0.0\": build it again with "
                + "`berth plugin build`")
        #expect(
            sentence { $0.components.removeLast() }?.contains("says noop for components, the plugin itself noop, full")
                == true)
        #expect(
            sentence { $0.components[1].flags = [] }?.contains("says nothing for flags of full, the plugin itself 80")
                == true)
        #expect(sentence { $0.abiVersion = 1 << 16 }?.contains("\"1.0\" for abi") == true)
    }

    @Test func `Damaged manifests are refused with what is wrong`() throws {
        func refusal(_ change: (inout [UInt8]) -> Void) throws -> String {
            var content = try PluginManifest.encode(descriptor)
            change(&content)
            let bytes = try ElfSectionWriter.write(".berth.manifest", content, into: Sample.bytes())
            guard case .failure(let rejection) = judge(bytes) else { return "accepted" }
            return rejection.sentence
        }
        #expect(try refusal { $0 = [1, 2] }.contains("it has 2 bytes, its head needs 24"))
        #expect(try refusal { $0[0] = 0 }.contains("does not begin as one"))
        #expect(try refusal { $0[8] = 9 }.contains("its version is 9, this host reads 1"))
        #expect(try refusal { $0[22] = 1 }.contains("bytes of JSON"))
        #expect(try refusal { $0[24] = 0x5b }.contains("it is not JSON"))
        #expect(try refusal { $0[12] = 7 }.contains("different ABIs"))
        #expect(
            try refusal { $0 = PluginManifest.magic + [UInt8](repeating: 0, count: 300 << 10) }.contains(
                "262144 are allowed"))
    }

    @Test func `Mutated manifests and section tables give facts or a sentence`() throws {
        let whole = try stamped(Sample.bytes("sample", "1.0.0", ["-s"]), descriptor)
        var random = SeededGenerator(state: 77)
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                // The manifest, the names and the section table are at the end.
                let place = Int.random(in: max(0, bytes.count - 4096)..<bytes.count, using: &random)
                bytes[place] = [0, 0xff, 0x7f, .random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
            }
            if case .failure(let rejection) = judge(bytes) { #expect(!rejection.sentence.isEmpty) }
            _ = try? stamped(bytes, descriptor)
        }
    }

    @Test func `A plugin whose answer differs from its manifest is rejected`() async throws {
        let kitchen = try Kitchen()
        try await kitchen.serve { catalog in
            let truth = PluginDescriptor(
                id: "sample", version: "1.0.0", vendor: "", abiVersion: 1 << 16,
                components: [ComponentDescriptor(id: "noop", kind: .handler)])
            try kitchen.drop(stamped(Sample.bytes(), truth), "honest.so")
            try await catalog.reach("honest.so", .active)
            var claim = truth
            claim.version = "1.0.1"
            try kitchen.drop(stamped(Sample.bytes("sample", "1.0.0", ["-O2"]), claim), "stale.so")
            let record = try await catalog.reach("stale.so", .rejected)
            #expect(
                record.reason?.hasPrefix("its manifest says \"1.0.1\" for version") == true, "\(record.reason ?? "")")
        }
    }
}
