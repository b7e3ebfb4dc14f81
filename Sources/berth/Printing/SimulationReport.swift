import HostHTTP
import JobEngine
import JobModel

/// What `berth simulate` has found.
struct SimulationReport {
    private struct Entry {
        var job: JobDefinition
        var takes: Duration
        var schedule: Schedule?
        var result: Simulation?
        /// Why the job would never fire.
        var obstacle: String?
        var changes: [(change: ZoneChange, effect: String)] = []
    }

    private let world: Simulation.World
    private var entries: [Entry] = []
    private let peak: LoadPeak
    /// The rest of the time was not played.
    private let isCut: Bool

    /// Decisions in all: what can be held in memory, and many more than anybody reads.
    private static let most = 5_000_000

    init(_ jobs: [JobDefinition], _ durations: AssumedDurations, in world: Simulation.World) {
        self.world = world
        let zones = ZoneFiles()
        var left = Self.most
        for job in jobs {
            let entry = Self.entry(job, durations.duration(of: job), world, zones, most: left)
            left -= entry.result.map { $0.runs.count + $0.skips.count } ?? 0
            entries.append(entry)
        }
        isCut = left <= 0
        peak = LoadPeak(entries.flatMap { $0.result?.runs ?? [] })
    }

    private static func entry(
        _ job: JobDefinition, _ takes: Duration, _ world: Simulation.World, _ zones: ZoneFiles, most: Int
    ) -> Entry {
        var entry = Entry(job: job, takes: takes)
        do throws(ScheduleError) {
            let schedule = try Schedule(job.schedule, anchor: world.from, zones: zones.rules)
            entry.schedule = schedule
            entry.result = Simulation(of: job, schedule: schedule, takes: takes, in: world, most: max(0, most))
            entry.changes = schedule.zone.changes(after: world.from, through: world.until).compactMap { change in
                schedule.effect(of: change).map { (change: change, effect: $0) }
            }
            entry.obstacle = job.enabled ? nil : "it is disabled"
        } catch {
            entry.obstacle = "its schedule cannot be read: \(error)"
        }
        return entry
    }

    // MARK: For people

    func print(everyFire: Bool) {
        Swift.print("\(entries.count) jobs from \(world.from.rfc3339) to \(world.until.rfc3339)")
        for outage in world.outages {
            Swift.print("the host is down from \(outage.lowerBound.rfc3339) to \(outage.upperBound.rfc3339)")
        }
        Swift.print()
        table.print()
        section("clock changes", changeLines)
        section("not run as planned", skipLines)
        if everyFire { section("fires", fireLines) }
        Swift.print("\n\(load)")
        if isCut { Swift.print("CUT: more than \(Self.most) decisions; take a shorter --for or fewer jobs") }
    }

    private func section(_ title: String, _ lines: [String]) {
        guard !lines.isEmpty else { return }
        Swift.print("\n\(title)")
        for line in lines { Swift.print("  " + Terminal.plain(line)) }
    }

    private var table: Table {
        var table = Table([
            .init("JOB"), .init("SCHEDULE"), .init("TAKES"), .init("RUNS", .right), .init("SKIPPED", .right),
            .init("CUT SHORT", .right), .init("FIRST"), .init("WHY"),
        ])
        for entry in entries {
            let runs = entry.result?.runs ?? []
            table.add([
                entry.job.name, entry.job.schedule.words, entry.takes.berthText, String(runs.count),
                String(Self.skipped(entry)), String(entry.result?.cutShort ?? 0), runs.first?.planned.rfc3339,
                entry.obstacle,
            ])
        }
        return table
    }

    private static func skipped(_ entry: Entry) -> Int { entry.result?.skips.reduce(0) { $0 + $1.count } ?? 0 }

    /// Each change once, with the jobs it touches.
    private var changeLines: [String] {
        entries.flatMap { entry in
            entry.changes.map {
                "\(entry.job.name): \($0.change.words) in \(entry.schedule?.zone.name ?? ""); \($0.effect)"
            }
        }
    }

    private static let mostLines = 40

    private var skipLines: [String] {
        let all = entries.lazy.flatMap { entry in
            (entry.result?.skips ?? []).lazy.map { skip in
                "\(entry.job.name): \(skip.first.rfc3339)" + (skip.count > 1 ? " and \(skip.count - 1) more" : "")
                    + ", \(skip.reason)"
            }
        }
        let total = entries.reduce(0) { $0 + ($1.result?.skips.count ?? 0) }
        let rest = total - Self.mostLines
        return Array(all.prefix(Self.mostLines)) + (rest > 0 ? ["… and \(rest) more; --json has them all"] : [])
    }

    private var fireLines: [String] {
        entries.flatMap { entry in (entry.result?.runs ?? []).map { (entry, $0) } }
            .sorted { ($0.1.planned, $0.0.job.name) < ($1.1.planned, $1.0.job.name) }
            .map { entry, run in
                let local = entry.schedule.map { $0.zone.wallText(run.planned) } ?? run.planned.rfc3339
                let note = entry.schedule?.note(at: run.planned).map { "  (\($0))" } ?? ""
                let late = run.start == run.planned ? "" : "  starts \(run.start.rfc3339)"
                return "\(run.planned.rfc3339)  \(entry.job.name)  \(local)\(late)\(note)"
            }
    }

    private var load: String {
        guard let at = peak.at, let minute = peak.minute else { return "nothing runs" }
        return "load: at most \(peak.running) runs at once, first at \(at.rfc3339); "
            + "at most \(peak.starts) starts in a minute, first at \(minute.rfc3339)"
    }

    // MARK: For programs

    var json: JSONValue {
        [
            "from": .string(world.from.rfc3339), "until": .string(world.until.rfc3339),
            "outages": .array(
                world.outages.map {
                    ["from": .string($0.lowerBound.rfc3339), "until": .string($0.upperBound.rfc3339)]
                }),
            "jobs": .array(entries.map(Self.json)),
            "peak": .object(present: [
                "running": .number(peak.running), "at": peak.at.map { .string($0.rfc3339) },
                "starts_in_a_minute": .number(peak.starts), "minute": peak.minute.map { .string($0.rfc3339) },
            ]),
            "complete": .bool(!isCut),
        ]
    }

    private static func json(_ entry: Entry) -> JSONValue {
        .object(present: [
            "job": .string(entry.job.name), "schedule": entry.job.schedule.json ?? "none",
            "takes": .string(entry.takes.berthText), "obstacle": entry.obstacle.map(JSONValue.string),
            "fires": .array((entry.result?.runs ?? []).map { fire($0, entry.schedule) }),
            "skips": .array((entry.result?.skips ?? []).map(skip)),
            "cut_short": .number(entry.result?.cutShort ?? 0),
            "clock_changes": .array(
                entry.changes.map { ["at": .string($0.change.at.rfc3339), "effect": .string($0.effect)] }),
        ])
    }

    private static func fire(_ run: Simulation.Run, _ schedule: Schedule?) -> JSONValue {
        .object(present: [
            "planned": .string(run.planned.rfc3339), "start": .string(run.start.rfc3339),
            "end": .string(run.end.rfc3339), "note": schedule?.note(at: run.planned).map(JSONValue.string),
        ])
    }

    private static func skip(_ skip: Firing.Skip) -> JSONValue {
        [
            "first": .string(skip.first.rfc3339), "last": .string(skip.last.rfc3339), "count": .number(skip.count),
            "reason": .string(skip.reason),
        ]
    }
}
