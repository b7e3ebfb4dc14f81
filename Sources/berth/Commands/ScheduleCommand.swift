import ArgumentParser
import HostHTTP
import JobEngine
import JobModel

struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Read a schedule, and see when it fires.",
        discussion: """
            EXPR is cron (5 to 7 fields, @daily, @every 90s, TZ= before them), "every 10s", "daily 02:00,14:30", \
            "weekly MON,FRI 09:00", "monthly 1,-1 02:00", "at 2030-01-31T09:00:00Z", or a systemd OnCalendar text \
            ("Mon..Fri 09:00", "*-*~1"). A text of five fields or more, or one that begins with @ or TZ=, is cron; a \
            shorter one with a colon, a date or a word is OnCalendar. No host is needed. A refused text exits 2.
            """,
        subcommands: [Explain.self, Next.self])

    /// A schedule on the command line.
    struct Expression: ParsableArguments {
        @Argument(help: ArgumentHelp("The schedule, in quotes.", valueName: "expr"))
        var text: String
        @Option(
            help: ArgumentHelp(
                "Zone whose clock it follows, such as Europe/Berlin; UTC unless given.", valueName: "zone"))
        var tz: String?
        @Option(help: ArgumentHelp("When clocks change: civil (once for each date) or literal.", valueName: "rule"))
        var policy: ClockChange?
        @Option(help: ArgumentHelp("How cron's two day fields join: robfig, vixie or and.", valueName: "rule"))
        var dayRule: DayRule?
        @Flag(help: "Read the text as OnCalendar, whatever it looks like.")
        var calendar = false
        @Option(help: ArgumentHelp("Fires after this time; now unless given.", valueName: "instant"))
        var after: String?
        @Flag(help: "Print JSON.")
        var json = false

        func start() throws(Failure) -> Instant {
            guard let after else { return SystemClock.now }
            guard let instant = Instant(rfc3339: after) else {
                throw Failure(.usage, "--after wants a time such as 2030-01-31T09:00:00Z, not \(after.excerpt)")
            }
            return instant
        }

        /// Intervals are counted from the start.
        func compiled(from start: Instant) throws(Failure) -> (spec: ScheduleSpec, schedule: Schedule) {
            let zones = ZoneFiles()
            do throws(ScheduleError) {
                let spec =
                    try calendar
                    ? ScheduleSpec.calendar(text, zone: tz, clockChange: policy)
                    : ScheduleText(text, zone: tz, dayRule: dayRule, clockChange: policy).spec
                if let tz, zones.rules(tz) == nil {
                    throw ScheduleError(text: tz, position: 0, reason: "no zone is called \"\(tz)\"")
                }
                return (spec, try Schedule(spec, anchor: start, zones: zones.rules))
            } catch {
                throw Failure(.usage, ScheduleRefusal(error).text)
            }
        }
    }

    struct Next: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "When it fires next.",
            discussion: "RFC 3339 instants in UTC, one a line or as a JSON array; none when it never fires again.")
        @OptionGroup var expression: Expression
        @Option(help: "So many fires at most.")
        var count = 1

        func validate() throws {
            guard (1...100_000).contains(count) else { throw ValidationError("--count is 1 to 100000, not \(count)") }
        }

        func run() throws {
            let start = try expression.start()
            let schedule = try expression.compiled(from: start).schedule
            let fires = sequence(first: start) { schedule.next(after: $0) }.dropFirst().prefix(count).map(\.rfc3339)
            if expression.json { return Terminal.print(.texts(fires)) }
            if fires.isEmpty { Terminal.printError("It never fires after \(start.rfc3339).") }
            for fire in fires { print(fire) }
        }
    }

    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What it means in plain words, and its fires across the next change of the clocks.")
        @OptionGroup var expression: Expression
        @Option(help: "So many fires at most.")
        var count = 20

        func validate() throws {
            guard (1...1000).contains(count) else { throw ValidationError("--count is 1 to 1000, not \(count)") }
        }

        func run() throws {
            let start = try expression.start()
            let (spec, schedule) = try expression.compiled(from: start)
            let screen = ScheduleScreen(expression.text, spec, schedule, start, count: count)
            if expression.json { Terminal.print(screen.json) } else { screen.print() }
        }
    }
}

extension DayRule: ExpressibleByArgument {}
extension ClockChange: ExpressibleByArgument {}

/// A refused schedule with a mark under the place.
struct ScheduleRefusal {
    private let error: ScheduleError

    init(_ error: ScheduleError) {
        self.error = error
    }

    var text: String {
        let plain = Terminal.plain(error.text)
        let head = "the schedule is refused at byte \(error.position): \(error.reason)"
        // A mark under a text of other than plain characters would stand in the wrong place.
        guard !plain.isEmpty, error.text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }), error.position <= 100 else {
            return head
        }
        return "\(head)\n  \(plain)\n  \(String(repeating: " ", count: error.position))^"
    }
}
