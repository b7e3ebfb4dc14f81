import CBerthPlugin
import CGuestWire
import Testing

struct MetricTableTests {
    @Test func `Counters add up and stop at the ends, gauges are replaced`() {
        var table = MetricTable()
        #expect(table.isEmpty)
        #expect(add(&table, "a", 40) == BERTH_OK && add(&table, "a", 2) == BERTH_OK)
        #expect(add(&table, "low", .min) == BERTH_OK && add(&table, "low", -1) == BERTH_OK)
        #expect(Array("g".utf8).withUnsafeBytes { table.set($0, 5) } == BERTH_OK)
        #expect(Array("g".utf8).withUnsafeBytes { table.set($0, 3) } == BERTH_OK)
        var expected: [UInt8] = []
        for (name, value) in [("a", Int64(42)), ("low", .min), ("g", 3)] {
            FrameEncoder.append(
                gw_metric(value: value, name_length: UInt32(name.utf8.count), zero: 0), to: &expected)
            expected += Array(name.utf8)
        }
        #expect(table.payload == expected)
    }

    @Test(arguments: ["", "A", "1a", "a-b", "a b", "ä", String(repeating: "a", count: 65)])
    func `What is no name is refused`(name: String) {
        var table = MetricTable()
        #expect(add(&table, name, 1) == BERTH_BAD_CALL)
        #expect(table.isEmpty)
    }

    private func add(_ table: inout MetricTable, _ name: String, _ more: Int64) -> berth_status {
        Array(name.utf8).withUnsafeBytes { table.add($0, more) }
    }
}
