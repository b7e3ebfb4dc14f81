import JobModel
import Testing

struct CivilTimeTests {
    @Test func `days and dates agree over four centuries and walk one by one`() {
        var expected = CivilDate(year: 1800, month: 1, day: 1)
        let first = expected.daysSinceEpoch
        for day in first..<(first + 146_097) {
            let date = CivilDate(daysSinceEpoch: day)
            guard date == expected, date.daysSinceEpoch == day, date.isValid else {
                Issue.record("day \(day): \(date), expected \(expected)")
                return
            }
            expected.day += 1
            if !expected.isValid { expected = CivilDate(year: expected.year, month: expected.month + 1, day: 1) }
            if !expected.isValid { expected = CivilDate(year: expected.year + 1, month: 1, day: 1) }
        }
        #expect(expected == CivilDate(year: 2200, month: 1, day: 1))
    }

    @Test func `weekdays are those of known days`() {
        #expect(CivilDate.weekday(ofDay: 0) == 4)
        #expect(CivilDate.weekday(ofDay: CivilDate(year: 2024, month: 2, day: 29).daysSinceEpoch) == 4)
        #expect(CivilDate.weekday(ofDay: CivilDate(year: 1900, month: 1, day: 1).daysSinceEpoch) == 1)
    }

    @Test func `seconds round trip before and after the epoch`() {
        for seconds in [-1, 0, 1, -86_400, -86_401, 951_827_696, -62_135_596_801] {
            #expect(CivilTime(secondsSinceEpoch: seconds).secondsSinceEpoch == seconds)
        }
    }
}
