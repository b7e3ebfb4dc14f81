import Foundation

/// Measures what the design sets floors for, next to the bare pipeline in the same run, and prints one table.
@main enum Bench {
    /// In the order in which they are measured; `--only` names some of them.
    private static let groups: KeyValuePairs<String, @Sendable (BenchOptions) async throws -> Void> = [
        "drain": Drain.report, "enqueue": Enqueue.report, "http": HTTPEnqueue.report, "latency": Latency.report,
        "cancel": Cancel.report, "endings": Endings.report, "guests": GuestStart.report, "kept": Kept.report,
        "families": Families.report, "state": PluginState.report, "catalog": CatalogStart.report,
        "sandbox": SandboxEntry.report, "schedules": ScheduleRows.report, "dispatches": DispatchLoad.report,
    ]

    static func main() async {
        if CommandLine.arguments.dropFirst().first == "echo" { EchoChild.serve() }
        do {
            let options = try BenchOptions(arguments: CommandLine.arguments, groups: groups.map(\.key))
            try FileManager.default.createDirectory(at: options.scratch, withIntermediateDirectories: true)
            print("| What | Median | Spread | Floor |\n| --- | --- | --- | --- |")
            for (name, report) in groups where options.only?.contains(name) ?? true { try await report(options) }
        } catch {
            FileHandle.standardError.write(Data("berth-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    static func row(_ what: String, _ readings: Readings, floor: String = "–", digits: Int = 0) {
        let spread = "\(text(readings.lowest, digits))–\(text(readings.highest, digits))"
        line(what, text(readings.median, digits), spread: spread, floor: floor)
    }

    static func line(_ what: String, _ value: String, spread: String = "", floor: String = "–") {
        print("| \(what) | \(value) | \(spread) | \(floor) |")
        fflush(nil)
    }

    static func text(_ value: Double, _ digits: Int) -> String {
        value.isFinite ? String(format: "%.\(digits)f", value) : "?"
    }
}
