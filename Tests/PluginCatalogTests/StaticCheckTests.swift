import Foundation
import Testing

@testable import PluginCatalog

struct StaticCheckTests {
    @Test func `A good library's facts are read`() throws {
        let facts = try judge(Sample.bytes()).get()
        #expect(facts.entry == .exported)
        #expect(facts.needed == ["libc.so.6"])
        #expect(facts.versionNeeds.contains { $0.library == "libc.so.6" && $0.version.hasPrefix("GLIBC_2.") })
        #expect(!facts.executableStack && !facts.textRelocations && !facts.writableCode)
    }

    @Test func `Old and new hash tables both tell the symbols`() throws {
        for style in ["sysv", "gnu", "both"] {
            let facts = try judge(Sample.bytes("sample", "1.0.0", ["-Wl,--hash-style=\(style)"])).get()
            #expect(facts.entry == .exported, "\(style)")
        }
    }

    @Test func `A stripped library is as good`() throws {
        #expect(try judge(Sample.bytes("sample", "1.0.0", ["-s"])).get().entry == .exported)
    }

    @Test func `Each fault has its sentence`() throws {
        let whole = try Sample.bytes()
        try expect(
            Array(whole.prefix(whole.count / 2)), "ends early: \(whole.count / 2) bytes of \(whole.count) are there")
        try expect(Array(whole.prefix(30)), "ends early: 30 bytes of 64")
        try expect([], "the file is empty")
        try expect(
            Array("#!/bin/sh\necho \"hi\"\n".utf8), "this is not a shared library: it begins with \"#!/bin/sh.echo")
        try expect(Sample.forOtherMachine(), "this host is \(ElfMachine.host.name)")
        try expect(Sample.needingMissingLibrary(), "needs libq.so.6, which is not installed here")
        try expect(Sample.needingNewerLibc(), "needs GLIBC_9.")
        try expect(
            Sample.bytes("sample", "1.0.0", ["-DNEEDS_NOBODY"]),
            "needs the symbol nobody_defines_this, which none of its libraries (libc.so.6) defines: link the source or the "
                + "library that defines it")
        try expect(Sample.odd("OTHER=something"), "does not export berth_plugin_v1")
        try expect(
            Sample.odd("OTHER=berth_plugin_v2"), "exports berth_plugin_v2 only, this host speaks berth_plugin_v1")
        try expect(Sample.odd("HIDDEN"), "berth_plugin_v1 is there but hidden")
        try expect(Sample.odd("DATA"), "berth_plugin_v1 is exported but is not a function")
        try expect(Sample.odd("USED"), "berth_plugin_v1 is used but not defined here: link the source")
        try expect(Sample.bytes("sample", "1.0.0", ["-Wl,-z,execstack"]), "asks for an executable stack")
        try expect(Sample.withWritableCode(), "writable and executable at once: link without -N")
        try expect(
            Sample.needingNewerLibrary(),
            "needs GCC_9.3 of libgcc_s.so.1, which has GCC_")
        try expect(Sample.needingNewerLibrary(), "build it on a system as old as this one, or link with -static-libgcc")
        try expect(
            Sample.bytes("sample", "1.0.0", ["-Wl,-rpath,lib"]),
            "looks for libraries in \"lib\", a place that depends on where the host was started: link without this -rpath"
        )
        try expect(
            Sample.bytes("sample", "1.0.0", ["-Wl,-rpath,/tmp"]),
            "looks for libraries in /tmp, where everybody can put some: link without this -rpath")
    }

    #if arch(x86_64)
        @Test func `Code that has to be written to before it runs is refused`() throws {
            let flags = ["-fno-pic", "-mcmodel=large", "-Wl,-z,notext"]
            try expect(
                Sample.bytes("sample", "1.0.0", flags),
                "has relocations in its code (TEXTREL): compile every source with -fPIC")
        }
    #endif

    @Test func `Search paths that nobody else can write to are let be`() throws {
        for folder in ["$ORIGIN", "${ORIGIN}/lib", "/usr/lib", "/nowhere"] {
            #expect(throws: Never.self) { try judge(Sample.bytes("sample", "1.0.0", ["-Wl,-rpath,\(folder)"])).get() }
        }
    }

    @Test func `What a validator wants to know is read too`() throws {
        let facts = try judge(Sample.bytes("sample", "1.0.0", ["-Wl,--build-id=sha1", "-Wl,-z,relro"])).get()
        #expect(facts.buildID?.count == 40)
        #expect(facts.bindsNow && facts.readOnlyRelocations)
        let other = try judge(
            Sample.bytes("sample", "1.0.0", ["-Wl,--build-id=none", "-Wl,-z,lazy", "-Wl,-z,norelro"])
        ).get()
        #expect(other.buildID == nil)
        #expect(!other.bindsNow && !other.readOnlyRelocations)
        let crashing = try judge(Sample.bytes("sample", "1.0.0", ["-DCONSTRUCTOR_CRASHES"])).get()
        #expect(crashing.constructors == facts.constructors + 1)
    }

    @Test func `The newest libc is named with a system that is old enough`() {
        #expect(
            Rejection.newerLibc(needs: "2.38", host: "2.36").sentence
                == "needs GLIBC_2.38, this host has 2.36: build it on Debian 12 or older")
        #expect(
            LibcVersion(symbolVersion: "GLIBC_2.9").map { $0 < LibcVersion(symbolVersion: "GLIBC_2.10") ?? $0 } == true)
        #expect(LibcVersion(symbolVersion: "GLIBC_PRIVATE") == nil)
        #expect(LibcVersion.host != nil)
    }

    @Test func `The libraries of this machine are read, and lack nothing but the entry`() throws {
        let folder = "/usr/lib/\(ElfMachine.multiarch)"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { $0.contains(".so.") }
        let libraries = InstalledLibraries()
        for name in names.prefix(150) {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"), data.count < 4 << 20 else {
                continue
            }
            let facts = try [UInt8](data).withUnsafeBytes { try ElfFacts.read($0) }
            #expect(facts.entry == .missing, "\(name)")
            #expect(facts.needed.allSatisfy { libraries.has($0, runpaths: facts.runpaths) }, "\(name)")
            let missing = libraries.unresolved(facts.undefined, needed: facts.needed, runpaths: facts.runpaths)
            #expect(missing.isEmpty, "\(name)")
        }
    }

    @Test func `What is no file is no library, and is never opened`() throws {
        let folder = "/tmp/berth-libraries-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Opening it would wait for somebody who writes.
        try #require(mkfifo("\(folder)/libpipe.so", 0o600) == 0)
        let libraries = InstalledLibraries(folders: [folder], cache: "/nothing/there")
        for name in ["libpipe.so", "\(folder)/libpipe.so", "/dev/tty", "/dev/zero"] {
            #expect(!libraries.has(name, runpaths: [folder]), "\(name)")
        }
        #expect(libraries.versions(of: "\(folder)/libpipe.so").isEmpty)
        #expect(libraries.versions(of: "/dev/zero").isEmpty)
    }

    @Test func `Programs and object files are told apart from libraries`() throws {
        var bytes = try Sample.bytes()
        bytes[16] = 1
        try expect(bytes, "this is an object file, not a shared library")
        bytes[16] = 2
        try expect(bytes, "this is a program, not a shared library")
    }

    /// No bytes trap the host, and none make it read outside of them.
    @Test func `Mutated libraries give facts or a sentence`() throws {
        let whole = try Sample.bytes("sample", "1.0.0", ["-s", "-Wl,-z,noseparate-code"])
        var random = SeededGenerator(state: 0x5eed)
        var rejected = 0
        for _ in 0..<4000 {
            if case .failure(let rejection) = judge(mutate(whole, &random)) {
                rejected += 1
                #expect(!rejection.sentence.isEmpty)
            }
        }
        #expect(rejected > 1000)
    }

    private func expect(
        _ bytes: [UInt8], _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        guard case .failure(let rejection) = judge(bytes) else {
            Issue.record("taken for good, expected: \(sentence)", sourceLocation: sourceLocation)
            return
        }
        #expect(rejection.sentence.contains(sentence), sourceLocation: sourceLocation)
    }

    private func judge(_ bytes: [UInt8]) -> Result<ElfFacts, Rejection> {
        bytes.withUnsafeBytes { buffer in Result { () throws(Rejection) in try StaticCheck().judge(buffer) } }
    }

    /// A few bytes changed, mostly in the tables that are read; sometimes cut as well.
    private func mutate(_ whole: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let reach = Bool.random(using: &random) ? min(1024, bytes.count) : bytes.count
            let value: UInt8 = [0, 0xff, 0x7f, .random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
            bytes[Int.random(in: 0..<reach, using: &random)] = value
        }
        if Int.random(in: 0..<8, using: &random) == 0 { bytes.removeLast(.random(in: 0...bytes.count, using: &random)) }
        return bytes
    }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
