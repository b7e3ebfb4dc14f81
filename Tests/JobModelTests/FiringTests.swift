import JobModel
import Testing

struct FiringTests {
    private static func instant(_ text: String) -> Instant { Instant(rfc3339: text) ?? .distantPast }

    private let hourly = ScheduleSpec.cron("0 * * * *", zone: nil)
    private let watermark = instant("2024-05-01T01:00:00Z")

    private func job(
        _ schedule: ScheduleSpec, overlap: OverlapPolicy = .allow(nil), missed: MissedPolicy = MissedPolicy(),
        jitter: Duration = .zero
    ) -> JobDefinition {
        JobDefinition(
            name: "backup", component: "a/b", schedule: schedule, overlap: overlap, missed: missed, jitter: jitter)
    }

    private func firing(
        _ job: JobDefinition, at now: String, open: Int = 0, wasPaused: Bool = false
    ) throws -> Firing? {
        let schedule = try Schedule(job.schedule, anchor: watermark) { _ in nil }
        return Firing(
            of: job, schedule: schedule, after: watermark, now: Self.instant(now), openRuns: open, wasPaused: wasPaused)
    }

    private func fired(_ firing: Firing?) -> [String] {
        firing?.runs.map { String($0.fireAt.rfc3339.dropFirst(11)) } ?? []
    }

    // MARK: Missed fires

    @Test func `nothing is due before the next instant`() throws {
        #expect(try firing(job(hourly), at: "2024-05-01T01:59:59.999999Z") == nil)
        #expect(try firing(job(.none), at: "2034-05-01T00:00:00Z") == nil)
    }

    @Test func `an instant that is due has one run and nothing else`() throws {
        let firing = try #require(try firing(job(hourly), at: "2024-05-01T02:00:00Z"))
        #expect(fired(firing) == ["02:00:00Z"])
        #expect(firing.runs.map(\.start) == firing.runs.map(\.fireAt))
        #expect(firing.skips.isEmpty)
        #expect(firing.watermark == Self.instant("2024-05-01T02:00:00Z"))
    }

    /// The host was down from 01:30 to 05:10.
    @Test(arguments: [
        (MissedPolicy(.skip), [String](), 4), (MissedPolicy(.once), ["05:00:00Z"], 3),
        (MissedPolicy(.all(2)), ["04:00:00Z", "05:00:00Z"], 2),
        (MissedPolicy(.all(9)), ["02:00:00Z", "03:00:00Z", "04:00:00Z", "05:00:00Z"], 0),
        (MissedPolicy(.all(9), within: .seconds(2 * 3600)), ["04:00:00Z", "05:00:00Z"], 2),
        (MissedPolicy(.once, within: .seconds(599)), [], 4),
        (MissedPolicy(.once, within: .seconds(600)), ["05:00:00Z"], 3),
    ])
    func `after an outage each policy makes up for what it says`(
        missed: MissedPolicy, runs: [String], skipped: Int
    ) throws {
        let firing = try #require(try firing(job(hourly, missed: missed), at: "2024-05-01T05:10:00Z"))
        #expect(fired(firing) == runs)
        #expect(firing.skips.map(\.count) == (skipped == 0 ? [] : [skipped]))
        #expect(firing.skips.allSatisfy { $0.first == Self.instant("2024-05-01T02:00:00Z") })
        #expect(firing.watermark == Self.instant("2024-05-01T05:00:00Z"))
    }

    @Test func `a minute late is on time, more is missed`() throws {
        #expect(fired(try firing(job(hourly), at: "2024-05-01T02:01:00Z")) == ["02:00:00Z"])
        let late = try #require(try firing(job(hourly), at: "2024-05-01T02:01:00.000001Z"))
        #expect(late.runs.isEmpty)
        #expect(late.skips.map(\.reason) == ["missed: the host was down or late, and the job says missed: skip"])
    }

    @Test func `what a pause held back is never on time`() throws {
        #expect(try firing(job(hourly), at: "2024-05-01T02:00:01Z", wasPaused: true)?.runs.isEmpty == true)
        let once = job(hourly, missed: MissedPolicy(.once))
        let firing = try #require(try firing(once, at: "2024-05-01T04:00:01Z", wasPaused: true))
        #expect(fired(firing) == ["04:00:00Z"])
        let reason =
            "missed 2 planned runs from 2024-05-01T02:00:00Z to 2024-05-01T03:00:00Z: "
            + "the job was paused, and only the last one is made up for"
        #expect(firing.skips.map(\.reason) == [reason])
    }

    @Test func `a week of missed milliseconds is computed, not walked`() throws {
        let job = job(.every(.milliseconds(1)), missed: MissedPolicy(.all(10)))
        let firing = try #require(try firing(job, at: "2024-05-08T01:00:00Z"))
        #expect(firing.runs.count == 10)
        #expect(firing.skips.map(\.count) == [7 * 86_400_000 - 10])
        #expect(firing.watermark == Self.instant("2024-05-08T01:00:00Z"))
    }

    // MARK: Start times

    @Test func `runs made up for spread over their time, in order`() throws {
        let missed = MissedPolicy(.all(4), spread: .seconds(400))
        let now = Self.instant("2024-05-01T05:10:00Z")
        let firing = try #require(try firing(job(hourly, missed: missed), at: "2024-05-01T05:10:00Z"))
        let delays = firing.runs.map { $0.start - now }
        for (index, delay) in delays.enumerated() {
            #expect(delay >= .seconds(100 * index) && delay < .seconds(100 * (index + 1)))
        }
    }

    @Test func `what is made up for without a spread is due now`() throws {
        let firing = try #require(
            try firing(job(hourly, missed: MissedPolicy(.all(4))), at: "2024-05-01T05:10:00Z"))
        #expect(Set(firing.runs.map(\.start)) == [Self.instant("2024-05-01T05:10:00Z")])
    }

    @Test func `jitter moves the start and never the planned instant`() throws {
        let job = job(hourly, jitter: .seconds(600))
        let offset = job.startOffset
        #expect(offset > .zero && offset < .seconds(600))
        let due = Self.instant("2024-05-01T02:00:00Z") + offset
        let schedule = try Schedule(hourly, anchor: watermark) { _ in nil }
        func firing(_ now: Instant) -> Firing? {
            Firing(of: job, schedule: schedule, after: watermark, now: now, openRuns: 0)
        }
        #expect(firing(due + .microseconds(-1)) == nil)
        let runs = firing(due)?.runs
        #expect(runs?.map(\.fireAt) == [Self.instant("2024-05-01T02:00:00Z")])
        #expect(runs?.map(\.start) == [due])
    }

    // MARK: Overlap

    @Test(arguments: [
        (OverlapPolicy.skip, 0, 1), (.skip, 1, 0), (.allow(nil), 900, 1), (.allow(2), 1, 1), (.allow(2), 2, 0),
        (.queue(1), 0, 1), (.queue(1), 1, 1), (.queue(1), 2, 0), (.queue(3), 3, 1), (.replace, 5, 1),
    ])
    func `a run that meets others is made, or skipped in one row`(policy: OverlapPolicy, open: Int, runs: Int) throws {
        let firing = try #require(try firing(job(hourly, overlap: policy), at: "2024-05-01T02:00:00Z", open: open))
        #expect(firing.runs.count == runs)
        #expect(firing.skips.count == 1 - runs)
        #expect(firing.skips.allSatisfy { $0.first == $0.last && $0.count == 1 })
        #expect(firing.replaces == (policy == .replace))
    }

    @Test(arguments: [
        (OverlapPolicy.skip, 0, ["03", "04", "05"]), (.skip, 1, []), (.allow(2), 1, ["03", "04", "05"]),
        (.queue(1), 0, ["03", "04"]), (.queue(1), 1, ["03"]), (.queue(1), 2, []), (.replace, 1, ["05"]),
    ])
    func `several that are made up for at once do not bar each other`(
        policy: OverlapPolicy, open: Int, hours: [String]
    ) throws {
        let job = job(hourly, overlap: policy, missed: MissedPolicy(.all(3)))
        let firing = try #require(try firing(job, at: "2024-05-01T05:10:00Z", open: open))
        #expect(fired(firing).map { String($0.prefix(2)) } == hours)
        #expect(firing.skips.map(\.count).reduce(0, +) == 4 - hours.count)
    }

    /// What is due is either run or in one of the rows, whatever the policies and the moment.
    @Test func `no instant is lost and none is dealt with twice`() throws {
        var random = SeededRandom(seed: 71)
        let schedules: [ScheduleSpec] = [
            .every(.seconds(7)), .cron("*/7 * * * *", zone: nil), .cron("30 1,2,3 * * *", zone: "Europe/Berlin"),
            .at(watermark + .seconds(5000)),
        ]
        let rules: [MissedPolicy.Rule] = [.skip, .once, .all(3), .all(1000)]
        let overlaps: [OverlapPolicy] = [.skip, .allow(nil), .allow(2), .queue(2), .replace]
        for _ in 0..<2000 {
            let definition = job(
                schedules.randomElement(using: &random) ?? .none,
                overlap: overlaps.randomElement(using: &random) ?? .skip,
                missed: MissedPolicy(
                    rules.randomElement(using: &random) ?? .skip,
                    within: Bool.random(using: &random) ? .seconds(Int.random(in: 0...9000, using: &random)) : nil),
                jitter: .seconds(Int.random(in: 0...90, using: &random)))
            let schedule = try Schedule(definition.schedule, anchor: watermark) { try? SystemZones.rules($0) }
            let now = watermark + .seconds(Int.random(in: 0...100_000, using: &random))
            let due = schedule.count(after: watermark, through: now + (.zero - definition.startOffset))
            guard
                let firing = Firing(
                    of: definition, schedule: schedule, after: watermark, now: now,
                    openRuns: Int.random(in: 0...3, using: &random), wasPaused: Bool.random(using: &random))
            else {
                #expect(due == 0)
                continue
            }
            #expect(
                firing.runs.count + firing.skips.map(\.count).reduce(0, +) == due, "\(definition) at \(now.rfc3339)")
            #expect(
                schedule.previous(before: now + .microseconds(1) + (.zero - definition.startOffset)) == firing.watermark
            )
        }
    }
}
