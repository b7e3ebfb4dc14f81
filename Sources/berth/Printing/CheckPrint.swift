import HostHTTP
import JobModel

import JobModel
import PluginCheck

/// What checks found, for people and for programs.
enum CheckPrint {
    static func print(_ report: CheckReport) {
        var table = Table([.init("CHECK"), .init("RESULT"), .init("S", .right), .init("FOUND")])
        for result in report.results {
            table.add([result.check.name, word(result), seconds(result), result.text])
        }
        table.print()
        for result in report.results where result.hasFailed {
            Swift.print("\n\(result.check.name) (\(result.check.level.rawValue)): \(Terminal.plain(result.text))")
            Swift.print("  it means: \(result.check.meaning)")
            Swift.print("  what to do: \(result.check.remedy)")
        }
        Swift.print("\n" + summary(report))
    }

    private static func word(_ result: CheckResult) -> String {
        switch result.verdict {
        case .passed: "ok"
        case .failed: result.check.level == .error ? "FAILED" : result.check.level.rawValue
        case .notApplicable: "n/a"
        case .notRun: "not run"
        }
    }

    private static func seconds(_ result: CheckResult) -> String {
        let hundredths = Int((result.seconds * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    private static func summary(_ report: CheckReport) -> String {
        let (errors, warnings) = (report.failures(.error).count, report.failures(.warning).count)
        let name = [report.plugin, report.version].compactMap(\.self).joined(separator: " ")
        let missed = report.results.count(where: \.isMissing)
        let fit = missed == 0 ? "fit to be shipped" : "fit as far as it was checked"
        let verdict = errors == 0 ? fit : "not fit to be shipped"
        let missing = missed == 0 ? "" : ", \(missed) not run"
        return "\(name.isEmpty ? report.file : name): \(verdict); \(errors) errors, \(warnings) warnings\(missing) "
            + "(profile \(report.profile.rawValue), --seed \(report.seed))"
    }

    static func json(_ report: CheckReport) -> JSONValue {
        .object(present: [
            "file": .string(report.file), "plugin": report.plugin.map(JSONValue.string),
            "version": report.version.map(JSONValue.string), "profile": .string(report.profile.rawValue),
            "seed": .number(report.seed),
            "fit": .bool(report.failures(.error).isEmpty),
            "errors": .number(report.failures(.error).count),
            "not_run": .number(report.results.count(where: \.isMissing)),
            "warnings": .number(report.failures(.warning).count),
            "checks": .array(report.results.map(json)),
        ])
    }

    private static func json(_ result: CheckResult) -> JSONValue {
        .object(present: [
            "name": .string(result.check.name), "level": .string(result.check.level.rawValue),
            "result": .string(result.word), "text": result.text.isEmpty ? nil : .string(result.text),
            "meaning": .string(result.check.meaning),
            "remedy": result.hasFailed ? .string(result.check.remedy) : nil,
            "milliseconds": .number(Int(result.seconds * 1000)),
        ])
    }
}

/// What was measured.
enum BenchPrint {
    static func table(_ results: [BenchResult]) -> Table {
        var table = Table([
            .init("COMPONENT"), .init("RUNS/S", .right), .init("P50", .right), .init("P90", .right),
            .init("P99", .right),
            .init("P99.9", .right), .init("MAX", .right), .init("BYTES/RUN", .right), .init("OUTPUT", .right),
            .init(""),
        ])
        for result in results {
            guard let figures = result.figures else {
                table.add([result.component] + [String?](repeating: nil, count: 8) + [result.problem])
                continue
            }
            let times = [figures.median, figures.p90, figures.p99, figures.p999, figures.longest].map(time)
            table.add(
                [result.component, String(figures.runsPerSecond)] + times
                    + [String(figures.bytesPerRun), String(figures.outputBytes), ""])
        }
        return table
    }

    private static func time(_ nanoseconds: Int) -> String {
        switch nanoseconds {
        case ..<10_000: "\(nanoseconds) ns"
        case ..<10_000_000: "\(nanoseconds / 1000) us"
        default: "\(nanoseconds / 1_000_000) ms"
        }
    }

    static func json(_ results: [BenchResult]) -> JSONValue {
        ["components": .array(results.map(json))]
    }

    private static func json(_ result: BenchResult) -> JSONValue {
        guard let figures = result.figures else {
            return ["component": .string(result.component), "problem": .string(result.problem ?? "")]
        }
        return [
            "component": .string(result.component), "runs": .number(figures.runs),
            "runs_per_second": .number(figures.runsPerSecond), "p50_ns": .number(figures.median),
            "p90_ns": .number(figures.p90), "p99_ns": .number(figures.p99), "p999_ns": .number(figures.p999),
            "max_ns": .number(figures.longest), "memory_bytes_per_run": .number(figures.bytesPerRun),
            "output_bytes": .number(figures.outputBytes),
        ]
    }
}
