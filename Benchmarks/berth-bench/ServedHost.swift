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
        var cpuSeconds: Double
        /// Times a thread went to sleep of its own accord, over all threads: each was woken for it.
        var wakeUps: Double
    }

    func usage() throws -> Usage {
        let folder = "/proc/\(process.processIdentifier)"
        var wakeUps = 0.0
        for thread in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/task") {
            // A thread may end between the listing and this look.
            wakeUps += (try? Self.field("voluntary_ctxt_switches", in: "\(folder)/task/\(thread)/status")) ?? 0
        }
        let fields = try String(contentsOfFile: "\(folder)/stat", encoding: .utf8).split(separator: " ")
        let ticks = (Double(fields[13]) ?? 0) + (Double(fields[14]) ?? 0)
        return Usage(
            residentMegabytes: try Self.field("VmRSS", in: "\(folder)/status") / 1024,
            cpuSeconds: ticks / Double(sysconf(Int32(_SC_CLK_TCK))), wakeUps: wakeUps)
    }

    private static func field(_ name: String, in file: String) throws -> Double {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let words = lines.first { $0.hasPrefix("\(name):") }?.split { " \t".contains($0) }
        return words.flatMap { $0.count > 1 ? Double($0[1]) : nil } ?? .nan
    }
}
