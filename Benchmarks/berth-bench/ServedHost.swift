import Foundation

/// A real `berth serve` in a prepared home, looked at from outside.
final class ServedHost {
    /// From the start of the process to its banner.
    let secondsToBanner: Double
    private let process = Process()

    init(_ options: BenchOptions, home: URL) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: options.berth)
        process.arguments = [
            "serve", "--home", home.path, "--plugins", options.plugins, "--listen", "127.0.0.1:0",
        ]
        process.standardOutput = output
        let start = Stopwatch.nanoseconds()
        try process.run()
        guard !output.fileHandleForReading.availableData.isEmpty else {
            throw BenchFailure("berth serve did not start")
        }
        secondsToBanner = Double(Stopwatch.nanoseconds() - start) / 1e9
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// What the process holds and has used so far.
    struct Usage {
        var residentMegabytes: Double
        var peakMegabytes: Double
        var cpuSeconds: Double
        /// Times each thread went to sleep of its own accord: it was woken for each.
        fileprivate var sleeps: [String: Double]

        /// Of the threads that are there still; those that have ended meanwhile took their figures along.
        func wakeUps(since earlier: Usage) -> Double {
            sleeps.reduce(0) { $0 + $1.value - earlier.sleeps[$1.key, default: 0] }
        }
    }

    func usage() throws -> Usage {
        let folder = "/proc/\(process.processIdentifier)"
        var sleeps: [String: Double] = [:]
        for thread in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/task") {
            // A thread may end between the listing and this look.
            sleeps[thread] = try? Self.field("voluntary_ctxt_switches", in: "\(folder)/task/\(thread)/status")
        }
        let fields = try String(contentsOfFile: "\(folder)/stat", encoding: .utf8).split(separator: " ")
        let ticks = (Double(fields[13]) ?? 0) + (Double(fields[14]) ?? 0)
        return Usage(
            residentMegabytes: try Self.field("VmRSS", in: "\(folder)/status") / 1024,
            peakMegabytes: try Self.field("VmHWM", in: "\(folder)/status") / 1024,
            cpuSeconds: ticks / Double(sysconf(Int32(_SC_CLK_TCK))), sleeps: sleeps)
    }

    private static func field(_ name: String, in file: String) throws -> Double {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let words = lines.first { $0.hasPrefix("\(name):") }?.split { " \t".contains($0) }
        return words.flatMap { $0.count > 1 ? Double($0[1]) : nil } ?? .nan
    }
}
