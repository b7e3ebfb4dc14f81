import Foundation
import HostHTTP
import JobModel

/// Where the demo plays: a temporary home, copies of the plugins in it, and the jobs.
struct DemoStage {
    let home: HomeFolder
    let files: String
    var plugins: String { home.path + "/plugins" }
    private var manifest: String { home.path + "/manifest.json" }

    init(plugins: String, files: String) throws {
        var template = Array((NSTemporaryDirectory() + "/berth-demo-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(.unavailable, "No temporary folder can be made: \(HomeFolder.reason). Set TMPDIR.")
        }
        home = HomeFolder(
            path: AbsolutePath.of(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)))
        self.files = files
        try copyLibraries(from: plugins)
        try Data(Self.settings.utf8).write(to: URL(fileURLWithPath: home.path + "/berth.yaml"))
    }

    /// One of the jobs starts a program, and some are there to crash on and on.
    private static let settings = """
        plugins:
          command: {grants: [subprocess]}
          chaos: {quarantine: false}

        """

    private func copyLibraries(from folder: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.filter { $0.hasSuffix(".so") } ?? []
        guard !names.isEmpty else {
            throw Failure(.usage, "There are no plugins in \(folder); build them with `make plugins`.")
        }
        try FileManager.default.createDirectory(atPath: plugins, withIntermediateDirectories: true)
        for name in names {
            try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(plugins)/\(name)")
        }
    }

    /// Waits for the host and its components, makes the manifest that `verify` compares with, and applies the jobs.
    func prepare(_ client: HostClient) async throws {
        let made = try await firstManifest(client)
        try Data(made.output).write(to: URL(fileURLWithPath: manifest))
        _ = try await client.post("/jobs/apply", JobsApplication(jobs: jobs(), prune: false, source: "file").json)
    }

    private func firstManifest(_ client: HostClient) async throws -> RunView {
        let request: JSONValue = [
            "component": "checksum/manifest", "params": ["path": .string(files)],
            "access": ["read": [.string(files)]],
        ]
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                let run = RunView(json: try await client.post("/runs", request))
                return try await client.waitForEnd(of: run.id)
            } catch {
                // The host is on its way up, or still looks at the plugin.
                guard [.unreachable, .notFound].contains(error.exit), .now < deadline else { throw error }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func jobs() throws -> [JobDefinition] {
        let text = String(decoding: PackageResources.jobs_yaml, as: UTF8.self)
            .replacing("FILES", with: files).replacing("MANIFEST", with: manifest)
        do { return try JobFile.jobs(in: text) } catch { throw error.failure(file: "jobs.yaml") }
    }

    /// Three things to try in another terminal.
    func hints(pid: Int32) -> [String] {
        let licences = "/usr/share/common-licenses"
        return [
            "Try in another terminal:", "  export BERTH_HOME=\(home.path)",
            "  berth enqueue text/wordcount -p path=\(licences) --read \(licences) --wait",
            "  kill -9 \(pid)    # the host; the demo starts it again, and nothing is lost",
            "  berth plugin new hello --lang c && berth plugin build hello -o \(plugins)/hello.so",
        ]
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: home.path)  // a temporary folder: the system removes it later
    }
}
