import JobModel
import Testing

struct AttemptLimitsTests {
    @Test func `the operator's word replaces the host's, and a job can only ask for less`() {
        let operators = AttemptLimits(cpu: .seconds(60), memory: 4 << 30)
        let allowed = AttemptLimits.standard.replaced(by: operators)
        #expect(allowed.memory == 4 << 30 && allowed.cpu == .seconds(60) && allowed.openFiles == 256)
        let greedy = allowed.tightened(by: AttemptLimits(cpu: .seconds(90), memory: 8 << 30, openFiles: 1000))
        #expect(greedy == allowed)
        let modest = allowed.tightened(by: AttemptLimits(cpu: .seconds(1), memory: 64 << 20))
        #expect(allowed.replaced(by: AttemptLimits(scratch: 1 << 40)).scratch == 1 << 40)
        #expect(allowed.tightened(by: AttemptLimits(scratch: 1 << 40)).scratch == 4 << 30)
        #expect(modest.cpu == .seconds(1) && modest.memory == 64 << 20 && modest.fileSize == allowed.fileSize)
    }

    @Test func `nothing said changes nothing`() {
        #expect(AttemptLimits.standard.replaced(by: nil) == .standard)
        #expect(AttemptLimits.standard.tightened(by: AttemptLimits()) == .standard)
        #expect(AttemptLimits().tightened(by: AttemptLimits(processes: 3)).processes == 3)
    }

    @Test(
        arguments: [
            ("1", 1), ("1500", 1500), ("64KiB", 64 << 10), ("512MiB", 512 << 20), ("1 GiB", 1 << 30),
        ] as [(String, UInt64)])
    func `sizes are read in three units`(text: String, bytes: UInt64) {
        #expect(UInt64(sizeText: text) == bytes)
        #expect(UInt64(sizeText: bytes.sizeText) == bytes)
    }

    @Test(arguments: ["", "0", "-1", "MiB", "1.5GiB", "64MB", "20000000000GiB", "0x10", "1GiBKiB"])
    func `what is no size is refused`(text: String) {
        #expect(UInt64(sizeText: text) == nil)
    }

    @Test func `people read the largest unit that divides it`() {
        #expect((UInt64(64) << 20).sizeWords == "64 MiB")
        #expect(UInt64(1500).sizeWords == "1500 bytes")
        #expect(UInt64(0).sizeWords == "0 bytes")
    }
}
