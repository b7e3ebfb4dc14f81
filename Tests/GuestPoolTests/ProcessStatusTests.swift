import Foundation
import Testing

@testable import GuestPool

struct ProcessStatusTests {
    @Test func `A process has threads, and memory that never was more than its peak`() {
        let status = ProcessStatus(of: getpid())
        #expect(status.threads > 0)
        #expect(status.anonymous > 0 && status.mapped > 0)
        #expect(status.peak >= status.anonymous)
    }

    @Test func `Nothing is said of a process that is not there`() {
        let status = ProcessStatus(of: .max)
        #expect(status.peak == 0 && status.anonymous == 0 && status.threads == 0)
    }

    @Test func `A name that looks like a number of the kernel's says nothing`() throws {
        let file = "/proc/thread-self/comm"
        let name = try String(contentsOfFile: file, encoding: .utf8)
        defer { try? name.write(toFile: file, atomically: false, encoding: .utf8) }
        try "VmHWM: 99999999".write(toFile: file, atomically: false, encoding: .utf8)
        let place = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        let thread = try #require(place.split(separator: "/").last.flatMap { Int32($0) })
        let peak = ProcessStatus(of: thread).peak
        #expect(peak > 0 && peak < 99_999_999 << 10)
    }
}
