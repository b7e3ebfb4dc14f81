import CGuestWire
import Glibc
import Testing

@testable import GuestPool

struct ControlPageTests {
    @Test func `A guest is believed those signals alone that its handler can tell of`() throws {
        let page = try ControlPage()
        let offset = try #require(MemoryLayout<gw_slot>.offset(of: \.signal))
        for (number, believed) in [(SIGTERM, SIGTERM), (SIGXFSZ, SIGXFSZ), (SIGKILL, 0), (SIGSYS, 0), (SIGSEGV, 0)] {
            var said = UInt32(number) | GW_SIGNAL_FROM_WITHIN
            #expect(pwrite(page.descriptor, &said, 4, off_t(offset)) == 4)
            #expect(page.ending.signal == believed)
        }
    }
}
