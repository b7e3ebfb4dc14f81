package import JobModel

/// What this machine has, as the server judges it by.
package struct SystemMetrics: Hashable, Sendable {
    package var processors: Int
    /// Load average, not a percentage; 0 is unknown.
    package var load: Double
    /// Bytes.
    package var usedMemory: UInt64
    package var allMemory: UInt64
    package var usedDisk: UInt64
    package var allDisk: UInt64

    package init(
        processors: Int, load: Double, usedMemory: UInt64, allMemory: UInt64, usedDisk: UInt64, allDisk: UInt64
    ) {
        self.processors = processors
        self.load = load
        self.usedMemory = usedMemory
        self.allMemory = allMemory
        self.usedDisk = usedDisk
        self.allDisk = allDisk
    }

    /// Higher is better; servers that choose the healthiest worker go by it.
    package var score: Int {
        let free = Self.gigabytes(allMemory) - Self.gigabytes(usedMemory)
        // More load than there are cores counts as one free core, as the servers' own arithmetic has it.
        let cores = load > Double(processors) ? 1 : Double(processors) - load
        return Int(max(0, min(2 * free + cores, 1_000_000)))
    }

    /// The memory is called the Java machine's, whoever has it.
    package var json: JSONValue {
        .object(present: [
            "cpuProcessors": .number(processors), "cpuLoad": Self.decimal(load),
            "jvmUsedMemory": Self.decimal(Self.gigabytes(usedMemory)),
            "jvmMaxMemory": Self.decimal(Self.gigabytes(allMemory)),
            "jvmMemoryUsage": Self.decimal(Self.share(usedMemory, of: allMemory)),
            "diskUsed": Self.decimal(Self.gigabytes(usedDisk)), "diskTotal": Self.decimal(Self.gigabytes(allDisk)),
            "diskUsage": Self.decimal(Self.share(usedDisk, of: allDisk)), "score": .number(score),
        ])
    }

    private static func gigabytes(_ bytes: UInt64) -> Double { Double(bytes) / Double(1 << 30) }
    private static func share(_ part: UInt64, of all: UInt64) -> Double {
        all == 0 ? 0 : min(1, Double(part) / Double(all))
    }

    /// Four digits behind the point, never an exponent, never anything but a number.
    private static func decimal(_ value: Double) -> JSONValue {
        guard value.isFinite, value > 0 else { return .number("0.0") }
        let parts = UInt64(min(value * 10_000, 1e15).rounded())
        let fraction = String(parts % 10_000)
        return .number("\(parts / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)")
    }
}
