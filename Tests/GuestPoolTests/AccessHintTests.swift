import JobModel
import Testing

@testable import GuestPool

struct AccessHintTests {
    private static func sentence(
        _ message: String, params: String = "{}", access: FileAccess = FileAccess(), grants: Grants = []
    ) -> String? {
        let spec = GuestSpec(
            library: "/var/lib/berth/staged/x/plugin.so", digest: "x", sandbox: .standard, grants: grants,
            access: access)
        let hint = AccessHint(
            spec, Array(params.utf8), scratch: "/var/lib/berth/scratch/1", homes: ["/data/berth", "/var/lib/berth"])
        return hint.sentence(on: message)
    }

    @Test func `A path outside is named with what lets it be read, and what lets it be changed`() {
        let read = Self.sentence("/in/a.csv: Permission denied")
        #expect(read?.hasPrefix("/in/a.csv is outside the sandbox: --read /in/a.csv, or access.read") == true)
        #expect(read?.contains("--write and access.write changed") == true)
        let written = Self.sentence("cannot create /out/a.csv: Permission denied")
        #expect(written?.hasPrefix("/out/a.csv is outside the sandbox: --write /out/a.csv, or access.write") == true)
        #expect(written?.contains("needs its folder named") == true)
    }

    @Test func `A path that may be read, and was to be changed, is named with what lets it be changed`() {
        let access = FileAccess(read: ["/in"])
        for (message, params) in [
            ("/in/a.csv: Permission denied", "{}"), ("Permission denied", #"{"path":"/in/a.csv"}"#),
            ("cannot write /in/a.csv: Permission denied", "{}"),
        ] {
            let sentence = Self.sentence(message, params: params, access: access)
            #expect(
                sentence?.hasPrefix("/in/a.csv is open for reading alone: --write /in/a.csv, or") == true, "\(message)")
        }
    }

    @Test func `What is of no help is not said`() {
        #expect(Self.sentence("/usr/lib/x.so: Permission denied") == nil)
        #expect(Self.sentence("/out/a.csv: Permission denied", access: FileAccess(write: ["/out"])) == nil)
        #expect(Self.sentence("/var/lib/berth/scratch/1/a: Permission denied") == nil)
        #expect(Self.sentence("/in/a.csv: No such file or directory") == nil)
    }

    @Test func `Of the host's home it is said that nothing lets a plugin in`() {
        for path in ["/var/lib/berth/token", "/data/berth/berth.db", "/var/lib/berth"] {
            let sentence = Self.sentence("\(path): Permission denied")
            #expect(sentence == "\(path) lies in the host's home, into which nothing lets a plugin")
        }
        let library = Self.sentence("cannot write /var/lib/berth/staged/x/plugin.so: Permission denied")
        #expect(library?.contains("lies in the host's home") == true)
        #expect(Self.sentence("/var/lib: Permission denied")?.contains("holds the host's home") == true)
    }
}
