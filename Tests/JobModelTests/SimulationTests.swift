import JobModel
import Testing

struct SimulationTests {
    private let from = Instant(microseconds: 1_717_200_000_000_000)

    private func simulate(
        _ spec: ScheduleSpec, overlap: OverlapPolicy = .skip, missed: MissedPolicy = MissedPolicy(),
        takes: Duration = .seconds(30), hours: Int64 = 24, outages: [Range<Int64>] = [], most: Int = 100_000
    ) throws -> Simulation {
        let job = JobDefinition(
            name: "job", component: "a/b", schedule: spec, overlap: overlap, missed: missed)
        let world = Simulation.World(
            from: from, until: from + .seconds(hours * 3600),
            outages: outages.map { from + .seconds($0.lowerBound * 60)..<from + .seconds($0.upperBound * 60) })
        let schedule = try Schedule(spec, anchor: from) { try? SystemZones.rules($0) }
        return Simulation(of: job, schedule: schedule, takes: takes, in: world, most: most)
    }

    private func minutes(_ simulation: Simulation) -> [Int64] {
        simulation.runs.map { ($0.planned - from).microseconds / 60_000_000 }
    }

    @Test func `every fire of a day is there, the last moment included`() throws {
        let simulation = try simulate(.cron("0 * * * *"))
        #expect(minutes(simulation) == (1...24).map { $0 * 60 })
        #expect(simulation.skips.isEmpty)
    }

    @Test func `a run that takes too long skips the next`() throws {
        let simulation = try simulate(.cron("*/10 * * * *"), takes: .seconds(15 * 60), hours: 1)
        #expect(minutes(simulation) == [10, 30, 50])
        #expect(simulation.skips.map(\.count) == [1, 1, 1])
        #expect(simulation.skips.first?.reason == "the run before it had not ended")
    }

    @Test func `a queue starts one after another, a replacement ends the one before`() throws {
        let queued = try simulate(.cron("*/10 * * * *"), overlap: .queue(1), takes: .seconds(15 * 60), hours: 1)
        #expect(zip(queued.runs, queued.runs.dropFirst()).allSatisfy { $0.end <= $1.start })
        #expect(queued.runs.count > 3)
        let replaced = try simulate(.cron("*/10 * * * *"), overlap: .replace, takes: .seconds(15 * 60), hours: 1)
        #expect(minutes(replaced) == [10, 20, 30, 40, 50, 60])
        #expect(replaced.cutShort == 5)
        #expect(zip(replaced.runs, replaced.runs.dropFirst()).allSatisfy { $0.end == $1.start })
    }

    /// The host is down from 01:30 to 05:10.
    @Test(arguments: [
        (MissedPolicy(.skip), [60, 360] as [Int64], 4), (MissedPolicy(.once), [60, 300, 360], 3),
        (MissedPolicy(.all(2)), [60, 240, 300, 360], 2),
    ])
    func `an outage is made up for as the job says`(missed: MissedPolicy, planned: [Int64], skipped: Int) throws {
        let simulation = try simulate(
            .cron("0 * * * *"), overlap: .allow(nil), missed: missed, hours: 6, outages: [90..<310])
        #expect(minutes(simulation) == planned)
        #expect(simulation.skips.reduce(0) { $0 + $1.count } == skipped)
        #expect(simulation.runs.dropFirst().allSatisfy { $0.start >= from + .seconds(310 * 60) })
    }

    @Test func `a run that an outage cuts short goes again`() throws {
        let simulation = try simulate(.cron("0 12 * * *"), takes: .seconds(3600), outages: [750..<760])
        #expect(simulation.cutShort == 1)
        #expect(simulation.runs.map(\.end) == [from + .seconds(820 * 60)])
    }

    @Test func `intervals from the end of runs follow the runs`() throws {
        let simulation = try simulate(.every(.seconds(600), from: .end), takes: .seconds(300), hours: 1)
        #expect(minutes(simulation) == [10, 25, 40, 55])
        #expect(simulation.skips.isEmpty)
    }

    @Test func `as many decisions as are allowed are made`() throws {
        #expect(try simulate(.cron("* * * * * *"), overlap: .allow(nil), most: 10).runs.count == 10)
    }

    @Test func `the load peaks where most runs are`() throws {
        let often = try simulate(.cron("*/10 * * * *"), takes: .seconds(60), hours: 2)
        let hourly = try simulate(.cron("0 * * * *"), takes: .seconds(900), hours: 2)
        let peak = LoadPeak(often.runs + hourly.runs)
        #expect(peak.running == 2)
        #expect(peak.at == from + .seconds(3600))
        #expect(peak.starts == 2)
        #expect(peak.minute == from + .seconds(3600))
        #expect(LoadPeak([]).at == nil)
    }
}
