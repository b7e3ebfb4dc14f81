import ArgumentParser
import HostHTTP
import JobEngine
import JobModel
import JobStore

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy jobs, runs, logs and outputs to a folder, while the host works.",
        discussion: """
            The folder must not exist; it appears when everything in it is on disk. It holds berth.db, logs.db, inbox.db \
            and blobs/ with the outputs that are files of their own, each as it was at one moment. Plugins, berth.yaml and the token are not in it.
            """)

    @Argument(help: ArgumentHelp("Folder to make.", valueName: "folder"))
    var folder: String
    @Option(help: ArgumentHelp("Home folder of the store (BERTH_HOME).", valueName: "dir"))
    var home: String?
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let home = try Settings(flags: home.map { [.home: $0] } ?? [:]).home
        let summary: StoreBackup.Summary
        do { summary = try StoreBackup.make(of: home, into: AbsolutePath.of(folder)) } catch {
            throw Failure(keeping: error)
        }
        if json {
            Terminal.print([
                "folder": .string(folder), "runs": .number(summary.runs), "jobs": .number(summary.jobs),
                "outputs": .number(summary.outputs), "bytes": .number(summary.bytes),
            ])
        } else {
            print(
                "\(folder): \(summary.runs) runs, \(summary.jobs) jobs, \(summary.outputs) outputs in files, "
                    + "\(summary.bytes) bytes")
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup into the home of a host that is stopped.",
        discussion: """
            The backup is checked first, as `berth doctor` does, and nothing is changed unless it is whole. Runs that were \
            running when it was made go again; what happened since is not known to it.
            """)

    @Argument(help: ArgumentHelp("Folder that `berth backup` made.", valueName: "folder"))
    var folder: String
    @Flag(help: "Replace the store of the home; what is there now is moved to replaced-TIME in the home.")
    var force = false
    @Option(help: ArgumentHelp("Home folder (BERTH_HOME).", valueName: "dir"))
    var home: String?
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let home = HomeFolder(path: try Settings(flags: home.map { [.home: $0] } ?? [:]).home)
        try home.prepare()
        let lock = try free(home)
        defer { withExtendedLifetime(lock) {} }
        let aside: String?
        do {
            aside = try StoreRestore(home: home.path, backup: AbsolutePath.of(folder))
                .restore(replacing: force, at: SystemClock.now)
        } catch {
            throw Failure(keeping: error)
        }
        if json {
            Terminal.print(.object(present: ["home": .string(home.path), "replaced": aside.map(JSONValue.string)]))
        } else {
            print("\(home.path) holds \(folder)" + (aside.map { "; what was there is in \($0)" } ?? ""))
        }
    }

    /// The lock of a home that no host owns.
    private func free(_ home: HomeFolder) throws(Failure) -> HomeLock {
        do throws(Failure) {
            return try HomeLock(home)
        } catch {
            guard HomeLock.isHeld(home) else { throw error }
            throw Failure(.refused, "A host owns \(home.path): stop the host first.")
        }
    }
}

extension Failure {
    /// What `backup` and `restore` were refused for.
    fileprivate init(keeping error: StoreError) {
        switch error {
        case .failed(let reason): self.init(.refused, reason.sentence + ".")
        case .cannotOpen, .notOurs, .newerSchema, .faulty, .closed:
            self.init(Problem(EngineError.store(error)))
        }
    }
}
