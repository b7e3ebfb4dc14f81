package import JobModel

/// When which instance is reported to the server. Without clock and network: what happens goes in with its time, what is due
/// comes out.
///
/// While an instance runs, it is reported now and then. Its end is reported until the server takes it: as often as
/// servers count on, and then, if no server judged it, more slowly and without end.
package struct ReportBook {
    package struct Entry: Hashable, Sendable {
        package var instance: Int64
        /// No two entries have the same, also not of one instance that comes again.
        package var serial: Int
        /// Nil: there was none, since the order made no sense.
        package var run: RunID?
        package var note: InstanceNote
        /// The time in the last report, which the next has to pass.
        package var reportTime: Int64
        package var end: InstanceEnd?
        /// Times the end was reported in vain.
        package var tries = 0
        /// Of these, times the server judged it.
        package var refusals = 0
        /// A report is on its way.
        package fileprivate(set) var isOut = false
        fileprivate var due: Instant
    }

    /// What became of a report.
    package enum Answer: Hashable, Sendable {
        case taken
        /// The server judged it and said no.
        case refused(String)
        /// Nobody judged it.
        case unheard(String)
    }

    /// What follows.
    package enum Consequence: Hashable, Sendable {
        case goesOn
        /// The server knows the end: nothing is owed any more.
        case settled(RunID?)
        /// The server will not have it.
        case givenUp(RunID?, String)
    }

    private let pace: PowerJobPace
    private var entries: [Int64: Entry] = [:]
    private var heap = TimeHeap<Int64>()
    private var lastSerial = 0
    /// The times in the last reports of instances that may come again at once, which theirs have to pass.
    private var told: [Int64: Int64] = [:]
    private var mostTold = 1_000
    /// Instances of one task that have not ended.
    package private(set) var light = 0
    /// Ends that are not settled.
    package private(set) var ends = 0

    package init(pace: PowerJobPace) {
        self.pace = pace
    }

    /// When something may be due.
    package var next: Instant? { heap.next }

    package subscript(instance: Int64) -> Entry? { entries[instance] }

    /// An instance that is about to be stored. False when there is one already; one that was refused makes room.
    package mutating func open(_ instance: Int64, _ note: InstanceNote, firstReport: Instant) -> Bool {
        let refused = entries[instance]
        if let refused, refused.run != nil || refused.end == nil { return false }
        drop(instance)
        lastSerial += 1
        entries[instance] = Entry(
            instance: instance, serial: lastSerial, note: note,
            reportTime: max(note.heard, refused?.reportTime ?? 0, told.removeValue(forKey: instance) ?? 0),
            due: firstReport)
        if note.heavy == nil { light += 1 }
        heap.add(instance, at: firstReport)
        return true
    }

    /// It is stored as this run.
    package mutating func store(_ instance: Int64, as run: RunID) {
        guard let entry = entries[instance] else { return }
        entries[instance]?.run = run
        heap.add(instance, at: entry.due)
    }

    /// What an instance of many tasks goes on from, if the host dies.
    package mutating func keep(_ state: JSONValue, with instance: Int64) {
        entries[instance]?.note.heavy = state
    }

    /// Its end is to be reported at once.
    package mutating func end(_ instance: Int64, _ end: InstanceEnd, now: Instant) {
        guard let entry = entries[instance], entry.end == nil else { return }
        if entry.note.heavy == nil { light -= 1 }
        ends += 1
        entries[instance]?.end = end
        hurry(instance, now: now)
    }

    /// What is due later is due now: the server asks for it.
    package mutating func hurry(_ instance: Int64, now: Instant) {
        guard entries[instance] != nil else { return }
        entries[instance]?.due = now
        heap.add(instance, at: now)
    }

    /// Nothing more is reported of it.
    @discardableResult
    package mutating func drop(_ instance: Int64) -> Entry? {
        guard let entry = entries.removeValue(forKey: instance) else { return nil }
        if entry.end != nil { ends -= 1 } else if entry.note.heavy == nil { light -= 1 }
        return entry
    }

    /// The server knows its end, by a report with this time: it may come again.
    package mutating func close(_ instance: Int64, reportTime: Int64) {
        drop(instance)
        // Of what was told a second ago any new report is later by itself.
        if told.count > mostTold {
            told = told.filter { $0.value > reportTime - 1_000 }
            mostTold = max(1_000, told.count * 2)
        }
        told[instance] = reportTime
    }

    /// The next instance to report, which is out from now on.
    package mutating func take(now: Instant) -> Entry? {
        while let (at, instance) = heap.take(dueBy: now) {
            guard let entry = entries[instance], entry.due == at, !entry.isOut else { continue }
            // Of what is not stored yet nothing is said: it may be lost.
            guard entry.run != nil || entry.end != nil else { continue }
            entries[instance]?.isOut = true
            return entry
        }
        return nil
    }

    /// What became of the report that was made of this entry and had this time.
    package mutating func answered(
        _ out: Entry, _ answer: Answer, reportTime: Int64, now: Instant
    ) -> Consequence {
        let instance = out.instance, wasFinal = out.end != nil
        guard var entry = entries[instance] else { return .goesOn }
        guard entry.serial == out.serial else {
            // The server may have it, and takes nothing earlier of what came after it.
            entries[instance]?.reportTime = max(entry.reportTime, reportTime)
            return .goesOn
        }
        entry.isOut = false
        entry.reportTime = max(entry.reportTime, reportTime)
        if answer == .taken { entry.note.heard = reportTime }
        if wasFinal, let consequence = judge(&entry, answer) {
            entries[instance] = entry
            close(instance, reportTime: entry.reportTime)
            return consequence
        }
        // An end that came while a report was out is due already.
        if wasFinal || entry.end == nil { entry.due = now + wait(for: entry) }
        entries[instance] = entry
        heap.add(instance, at: entry.due)
        return .goesOn
    }

    private func judge(_ entry: inout Entry, _ answer: Answer) -> Consequence? {
        if answer == .taken { return .settled(entry.run) }
        entry.tries += 1
        switch answer {
        case .refused(let reason):
            entry.refusals += 1
            return entry.refusals < pace.finalTries ? nil : .givenUp(entry.run, reason)
        // What was never stored comes again by itself: the server waits in vain for a report, and dispatches it anew.
        case .unheard(let reason) where entry.run == nil && entry.tries >= pace.finalTries: return .givenUp(nil, reason)
        default: return nil
        }
    }

    private func wait(for entry: Entry) -> Duration {
        entry.tries < pace.finalTries ? pace.report : pace.lateReport
    }
}
