import Testing

@testable import GuestPool

struct ProgramTimeTests {
    typealias Reading = ProgramTime.Reading

    /// In ticks of 10 ms, of a guest with the number 1.
    private func used(_ looks: [[Int32: Reading]]) -> [Int64] {
        var time = ProgramTime()
        return looks.map { readings in
            time.note(readings)
            return time.used / 10_000_000
        }
    }

    @Test func `Time of a program that was waited for counts once`() {
        #expect(
            used([
                [1: Reading(), 2: Reading(begun: 7, own: 5)], [1: Reading(waited: 8)], [1: Reading(waited: 8)],
            ]) == [5, 8, 8])
    }

    @Test func `Time of programs that nobody waits for is not lost`() {
        #expect(
            used([
                [1: Reading(), 2: Reading(begun: 7, own: 5)], [1: Reading(), 3: Reading(begun: 8, own: 4)],
                [1: Reading(), 4: Reading(begun: 9, own: 3)], [1: Reading()],
            ]) == [5, 9, 12, 12])
    }

    @Test func `A program that ends while another is looked at counts once`() {
        #expect(
            used([[1: Reading(), 2: Reading(begun: 7, own: 5)], [1: Reading()], [1: Reading(waited: 6)]]) == [5, 5, 6])
    }

    @Test func `A number that is used again is another program`() {
        #expect(
            used([[1: Reading(), 2: Reading(begun: 7, own: 5)], [1: Reading(), 2: Reading(begun: 8, own: 2)]]) == [
                5, 7,
            ])
    }

    @Test func `Programs of programs count once, whoever waits for them`() {
        let family: [Int32: Reading] = [1: Reading(), 2: Reading(begun: 7, own: 5), 3: Reading(begun: 8, own: 4)]
        #expect(
            used([family, [1: Reading(), 2: Reading(begun: 7, own: 6, waited: 4)], [1: Reading(waited: 11)]]) == [
                9, 10, 11,
            ])
    }
}
