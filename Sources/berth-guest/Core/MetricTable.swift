import CBerthPlugin
import CGuestWire

/// The numbers one attempt reports, held to the limits of one attempt.
struct MetricTable {
    private var names: [[UInt8]] = []
    private var values: [Int64] = []

    var isEmpty: Bool { names.isEmpty }

    mutating func add(_ name: UnsafeRawBufferPointer, _ more: Int64) -> berth_status {
        change(name) { value in
            let (sum, overflows) = value.addingReportingOverflow(more)
            value = overflows ? (more < 0 ? .min : .max) : sum
        }
    }

    mutating func set(_ name: UnsafeRawBufferPointer, _ value: Int64) -> berth_status {
        change(name) { $0 = value }
    }

    /// Payload of METRICS.
    var payload: [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in zip(names, values) {
            FrameEncoder.append(gw_metric(value: value, name_length: UInt32(name.count), zero: 0), to: &bytes)
            bytes.append(contentsOf: name)
        }
        return bytes
    }

    private mutating func change(_ name: UnsafeRawBufferPointer, _ body: (inout Int64) -> Void) -> berth_status {
        guard Self.isName(name) else { return BERTH_BAD_CALL }
        if let known = names.firstIndex(where: { $0.elementsEqual(name) }) {
            body(&values[known])
            return BERTH_OK
        }
        guard names.count < Int(GW_METRICS_LIMIT) else { return BERTH_TOO_LARGE }
        names.append([UInt8](name))
        var value: Int64 = 0
        body(&value)
        values.append(value)
        return BERTH_OK
    }

    private static func isName(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let first = name.first, name.count <= Int(GW_METRIC_NAME_LIMIT), isLetter(first) else { return false }
        return name.allSatisfy { isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F || $0 == 0x2E }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0x61 && byte <= 0x7A
    }
}
