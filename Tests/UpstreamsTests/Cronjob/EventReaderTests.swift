import Foundation
import JobModel
import TestSupport
import Testing

@testable import Upstreams

struct EventReaderTests {
    private let first = Array(#"{"action":"run","tasks":[{"name":"中😀"}]}"#.utf8)
    private let second = Array(#"{"action":"stop"}"#.utf8)
    private var separator: [UInt8] { EventFraming.separator }

    @Test func `the separator is a NUL and sixteen characters`() {
        let hex = separator.map { String($0, radix: 16) }.joined(separator: " ")
        #expect(hex == "0 32 32 33 33 39 39 41 41 42 42 32 32 33 33 43 43")
    }

    @Test func `two events are found whatever messages they are split into`() {
        let bytes = EventFraming.frame(first) + EventFraming.frame(second)
        for place in 0...bytes.count {
            #expect(events([Array(bytes[..<place]), Array(bytes[place...])]) == [first, second], "split at \(place)")
        }
        #expect(events(bytes.map { [$0] }) == [first, second])
    }

    @Test func `three messages may hold two events that share a separator`() {
        let bytes = separator + first + separator + second + separator
        for one in 0...bytes.count {
            for other in stride(from: one, through: bytes.count, by: 7) {
                let parts = [Array(bytes[..<one]), Array(bytes[one..<other]), Array(bytes[other...])]
                #expect(events(parts) == [first, second], "split at \(one) and \(other)")
            }
        }
    }

    @Test func `a message that ends with the opening separator of the next event loses nothing`() {
        #expect(events([EventFraming.frame(first) + separator, second + separator]) == [first, second])
    }

    @Test func `blanks, nothing between separators and what comes before the first one are no events`() {
        let junk = Array("hello".utf8)
        let blank = Array(" \r\n\t".utf8)
        #expect(
            events([junk + separator + separator + blank + separator + blank + first + blank + separator]) == [first])
    }

    @Test func `an event that is too long is passed over, and the next one is found`() {
        for place in 0..<60 {
            var reader = EventReader(most: 20)
            let long = EventFraming.frame([UInt8](repeating: 0x61, count: 100)) + EventFraming.frame(second)
            let split = min(place * 3, long.count)
            let found = reader.read(long[..<split]) + reader.read(long[split...])
            #expect(found == [.tooLong(100), .event(second)], "split at \(split)")
        }
    }

    @Test func `what is held stays bounded while no separator comes`() {
        var reader = EventReader(most: 1000)
        _ = reader.read(separator)
        for _ in 0..<200 { #expect(reader.read([UInt8](repeating: 0, count: 1000)).isEmpty) }
        #expect(reader.read(separator) == [.tooLong(200_000)])
    }

    @Test func `no message makes the reader or an event of it trap`() throws {
        let task =
            #"{"action":"run","tasks":[{"id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee","timeout":60,"metadata":{}}]}"#
        let samples = [
            EventFraming.frame(first), EventFraming.frame(second) + EventFraming.frame(first),
            EventFraming.frame(Array(task.utf8)),
        ]
        var fuzzing = try Fuzzing("cronjob", samples: samples)
        let (inputs, answers) = try fuzzing.run(count: 5000) { bytes in
            var whole = EventReader(most: 400)
            var halves = whole
            let found = whole.read(bytes)
            let half = bytes.count / 2
            let again = halves.read(bytes[..<half]) + halves.read(bytes[half...])
            #expect(found == again)
            return found.map(Self.words).joined(separator: " ")
        }
        #expect(inputs == 5000 || ProcessInfo.processInfo.environment["BERTH_SOAK_MINUTES"] != nil)
        #expect(answers > 20)
    }

    private static func words(_ finding: EventReader.Finding) -> String {
        guard case .event(let json) = finding else { return "too long" }
        do throws(CronjobFault) {
            let event = try ServerEvent(json)
            return "\(event.action) \(event.tasks.count) \(event.complaints)"
        } catch {
            return "\(error)"
        }
    }

    private func events(_ messages: [[UInt8]]) -> [[UInt8]] {
        var reader = EventReader()
        return messages.flatMap { reader.read($0) }.map { finding in
            if case .event(let json) = finding { json } else { [] }
        }
    }
}
