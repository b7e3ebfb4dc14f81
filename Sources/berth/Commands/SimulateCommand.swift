import ArgumentParser
import Foundation
import HostHTTP
import JobModel

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "What jobs would do in a stretch of time, before they do it.",
        discussion: """
            Plays the schedules and the rules for missed and overlapping runs that the host itself uses, on a clock that \
            only counts: every fire, what is skipped and why, what clock changes do, and where the load peaks. No host is \
            needed and nothing runs. How long a run takes is assumed: see --takes. Intervals are counted from --from.
            """)

    @Option(help: ArgumentHelp("Folder of job files in YAML, or one file.", valueName: "dir"))
    var jobs: String
    @Option(help: ArgumentHelp("Where it begins; now unless given.", valueName: "instant"))
    var from: String?
    @Option(name: .customLong("for"), help: ArgumentHelp("How long it lasts.", valueName: "duration"))
    var length = "7d"
    @Option(
        help: ArgumentHelp(
            "The host is down from A to B; may be given several times.", valueName: "A..B"))
    var outage: [String] = []
    @Option(
        help: ArgumentHelp(
            "How long a run takes: for all jobs, or for one as name=10m. A run's time limit ends it sooner.",
            valueName: "[job=]duration"))
    var takes: [String] = ["30s"]
    @Flag(help: "Print every fire.")
    var fires = false
    @Flag(help: "Print JSON, with every fire.")
    var json = false

    func run() throws {
        let world = try world()
        let known = try JobFolderContent.jobs(at: jobs)
        let report = SimulationReport(known, try durations(of: known), in: world)
        if json { Terminal.print(report.json) } else { report.print(everyFire: fires) }
    }

    private func world() throws(Failure) -> Simulation.World {
        let start = try from.map { text throws(Failure) in try Self.instant(text, "--from") } ?? SystemClock.now
        guard let length = Duration(berthText: length), length > .zero, length <= .seconds(10 * 366 * 86_400) else {
            throw Failure(.usage, "--for wants a duration up to ten years, such as 7d, not \(self.length.excerpt)")
        }
        var outages: [Range<Instant>] = []
        for text in outage { outages.append(try Self.outage(text)) }
        return Simulation.World(from: start, until: start + length, outages: outages)
    }

    private static func outage(_ text: String) throws(Failure) -> Range<Instant> {
        let ends = text.split(separator: "..", omittingEmptySubsequences: false)
        guard ends.count == 2 else {
            throw Failure(.usage, "--outage wants two times with .. between them, not \(text.excerpt)")
        }
        let (start, end) = (try instant(String(ends[0]), "--outage"), try instant(String(ends[1]), "--outage"))
        guard start < end else { throw Failure(.usage, "--outage ends before it begins: \(text.excerpt)") }
        return start..<end
    }

    private static func instant(_ text: String, _ option: String) throws(Failure) -> Instant {
        guard let instant = Instant(rfc3339: text) else {
            throw Failure(.usage, "\(option) wants a time such as 2030-01-31T09:00:00Z, not \(text.excerpt)")
        }
        return instant
    }

    private func durations(of jobs: [JobDefinition]) throws(Failure) -> AssumedDurations {
        var durations = AssumedDurations()
        for text in takes {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard let word = parts.last, let duration = Duration(berthText: word) else {
                throw Failure(.usage, "--takes wants a duration such as 30s, or job=10m, not \(text.excerpt)")
            }
            guard parts.count == 2 else {
                durations.other = duration
                continue
            }
            let name = String(parts[0])
            guard jobs.contains(where: { $0.name == name }) else {
                let hint = Spelling.hint(for: name, among: jobs.map(\.name))
                throw Failure(
                    .usage, "--takes names the job \"\(name.excerpt)\", which is not in \(self.jobs); \(hint)")
            }
            durations.byJob[name] = duration
        }
        return durations
    }
}

/// How long runs are assumed to take.
struct AssumedDurations {
    var other = Duration.seconds(30)
    var byJob: [String: Duration] = [:]

    /// Not longer than the job's runs may take.
    func duration(of job: JobDefinition) -> Duration {
        let wanted = byJob[job.name] ?? other
        return job.policy.timeout.map { min($0, wanted) } ?? wanted
    }
}

/// All jobs of a folder.
enum JobFolderContent {
    /// Refuses the whole when a file cannot be read, or two of them have a job of one name.
    static func jobs(at path: String) throws(Failure) -> [JobDefinition] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.usage, "There is no folder or file \(path).")
        }
        guard isFolder.boolValue else { return try read(path) }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw Failure(.usage, "The folder \(path) cannot be read: \(error.systemWords).")
        }
        var jobs: [JobDefinition] = []
        var files: [String: String] = [:]
        for name in names.filter({ $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }).sorted() where !name.hasPrefix(".")
        {
            for job in try read("\(path)/\(name)") {
                if let other = files.updateValue(name, forKey: job.name) {
                    throw Failure(.usage, "\(other) and \(name) both have a job called \(job.name).")
                }
                jobs.append(job)
            }
        }
        guard !jobs.isEmpty else { throw Failure(.usage, "The folder \(path) has no jobs; they are in files *.yaml.") }
        return jobs
    }

    private static func read(_ path: String) throws(Failure) -> [JobDefinition] {
        guard let data = TextFile.bytes(path), let text = String(validating: data, as: UTF8.self) else {
            throw Failure(.usage, "The file \(path) cannot be read as text.")
        }
        do { return try JobFile.jobs(in: text) } catch { throw error.failure(file: path) }
    }
}
