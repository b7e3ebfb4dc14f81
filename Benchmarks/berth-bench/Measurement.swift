import Glibc

struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

enum Stopwatch {
    static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// CPU seconds used so far by this process.
    static func ownCPU() -> Double { cpu(RUSAGE_SELF) }

    /// CPU seconds used by the guests that have ended.
    static func guestsCPU() -> Double { cpu(RUSAGE_CHILDREN) }

    private static func cpu(_ who: __rusage_who) -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(who.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}

/// Several readings of one figure. Medians are quoted: single readings on a shared machine mean little.
struct Readings {
    var values: [Double] = []

    func percentile(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    var median: Double { percentile(0.5) }
    var lowest: Double { values.min() ?? .nan }
    var highest: Double { values.max() ?? .nan }
}
