import HostHTTP
import JobModel

/// A schedule seen closely: what it means and when it fires.
struct ScheduleScreen {
    private let text: String
    private let spec: ScheduleSpec
    private let schedule: Schedule
    private let start: Instant
    private let outlook: Outlook

    init(_ text: String, _ spec: ScheduleSpec, _ schedule: Schedule, _ start: Instant, count: Int) {
        self.text = text
        self.spec = spec
        self.schedule = schedule
        self.start = start
        outlook = Outlook(of: schedule, after: start, count: count)
    }

    func print() {
        Swift.print(schedule.sentence + "\n")
        facts.print()
        Swift.print()
        guard !outlook.rows.isEmpty else { return Swift.print("It never fires after \(start.rfc3339).") }
        for line in lines { Swift.print(line) }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("schedule", text)
        facts.add("kind", kind)
        facts.add("in full", normalForm)
        guard let policy = schedule.clockChange else { return facts }
        facts.add("zone", "\(schedule.zone.name), now \(ZoneRules.offsetText(schedule.zone.offset(at: start)))")
        facts.add("clock changes", "\(policy.rawValue): \(meaning(of: policy))")
        facts.add("the next", change.map { "\($0.words)" } ?? "none to come in \(schedule.zone.name)")
        facts.add(
            "there", change.flatMap(schedule.effect) ?? change.map { _ in "it makes no difference to this schedule" })
        return facts
    }

    private var change: ZoneChange? { schedule.zone.change(after: start) }

    private var kind: String {
        switch spec {
        case .none: "none"
        case .cron(_, _, let rule, _): "cron, day rule \((rule ?? .robfig).rawValue)"
        case .every: "every"
        case .daily: "daily"
        case .weekly: "weekly"
        case .monthly: "monthly"
        case .calendar: "OnCalendar"
        case .at: "at"
        }
    }

    private var normalForm: String? {
        if case .calendar(let text, _, _) = spec { return (try? CalendarText(text))?.normalized }
        return schedule.cronText
    }

    private func meaning(of policy: ClockChange) -> String {
        if case .calendar = spec, policy == .civil {
            return "as in systemd, a fixed time in a gap is skipped; one that comes twice runs in its first pass"
        }
        return switch policy {
        case .civil: "a fixed time runs once for each date; others follow the clock"
        case .literal: "whatever the clock shows: nothing in a gap, twice in an hour that comes twice"
        }
    }

    /// The fires as a table, with the changes of the clock between its lines.
    private var lines: [String] {
        var table = Table([.init("#", .right), .init("LOCAL TIME"), .init("UTC"), .init("NOTE")])
        for case .fire(let instant, let note) in outlook.rows {
            let number = String(table.rows.count + 1)
            table.add([number, schedule.zone.wallText(instant), instant.rfc3339, note ?? " "])
        }
        var fires = table.lines(width: Terminal.width)[...]
        return [fires.removeFirst()]
            + outlook.rows.map { row in
                switch row {
                case .fire: fires.removeFirst()
                case .change(let change, _): "    \(change.words)"
                case .more(let count): "    … \(count) more"
                }
            }
    }

    var json: JSONValue {
        .object(present: [
            "schedule": spec.json ?? "none", "meaning": .string(schedule.sentence), "kind": .string(kind),
            "normal_form": normalForm.map(JSONValue.string), "zone": .string(schedule.zone.name),
            "daylight_saving": schedule.clockChange.map { .string($0.rawValue) },
            "next_change": change.map { json($0, effect: schedule.effect(of: $0)) },
            "rows": .array(outlook.rows.map(json)),
        ])
    }

    private func json(_ row: Outlook.Row) -> JSONValue {
        switch row {
        case .fire(let instant, let note):
            .object(present: [
                "at": .string(instant.rfc3339), "local": .string(schedule.zone.wallText(instant)),
                "note": note.map(JSONValue.string),
            ])
        case .change(let change, let effect): ["change": json(change, effect: effect)]
        case .more(let count): ["left_out": .number(count)]
        }
    }

    private func json(_ change: ZoneChange, effect: String?) -> JSONValue {
        .object(present: [
            "at": .string(change.at.rfc3339), "from": .string(ZoneRules.offsetText(change.before)),
            "to": .string(ZoneRules.offsetText(change.after)), "effect": effect.map(JSONValue.string),
        ])
    }
}
