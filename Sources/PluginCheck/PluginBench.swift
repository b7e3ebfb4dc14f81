import JobModel

/// How fast one component is, or why that cannot be said.
package struct BenchResult: Sendable {
    package struct Figures: Sendable, Hashable {
        package var runs: Int
        package var runsPerSecond: Int
        // Nanoseconds of one run.
        package var median: Int
        package var p90: Int
        package var p99: Int
        package var p999: Int
        package var longest: Int
        /// Resident memory that stayed, shared between all runs.
        package var bytesPerRun: Int
        package var outputBytes: Int
    }

    package var component: String
    package var figures: Figures?
    package var problem: String?
}

/// Measures components one after the other, each in a process of its own.
package enum PluginBench {
    package static func run(_ request: CheckRequest, seconds: Double) async throws(CheckError) -> [BenchResult] {
        try await PluginExam.with(request) { (exam) async throws(CheckError) in
            let (descriptor, targets) = try await exam.ready()
            var results: [BenchResult] = []
            for target in targets {
                let flags = descriptor.components.first { $0.id == target.id }?.flags ?? []
                let end = await exam.probe("bench", targets: [target], grants: flags.grants) {
                    $0.milliseconds = UInt64(seconds * 1000)
                }
                results.append(result(target.id, end))
            }
            return results
        }
    }

    private static func result(_ component: String, _ end: Prober.End) -> BenchResult {
        guard case .passed(let text) = end, let figures = BenchResult.Figures(text) else {
            return BenchResult(component: component, problem: LiveChecks.verdict(end).text)
        }
        return BenchResult(component: component, figures: figures)
    }
}

extension BenchResult.Figures {
    /// Runs, nanoseconds in all, quantiles, bytes of memory and of output, as berth-check says them.
    fileprivate init?(_ text: String) {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 9, numbers[1] > 0 else { return nil }
        self.init(
            runs: numbers[0], runsPerSecond: Int(Double(numbers[0]) / Double(numbers[1]) * 1e9), median: numbers[2],
            p90: numbers[3], p99: numbers[4], p999: numbers[5], longest: numbers[6], bytesPerRun: numbers[7],
            outputBytes: numbers[8])
    }
}
