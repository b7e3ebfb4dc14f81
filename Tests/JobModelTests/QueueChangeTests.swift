import JobModel
import Testing

struct QueueChangeTests {
    private static let mail = QueueRecord(name: "mail", slots: 4)

    @Test func `what is not said stays`() throws {
        var settings = QueueSettings(leastSlots: 2, rate: RateLimit(text: "1/s"), maxPending: 9, aging: nil)
        let record = QueueRecord(name: "mail", slots: 4, mode: .paused, settings: settings)
        #expect(QueueChange().applied(to: record) == record)
        settings.rate = nil
        let changed = QueueChange(mode: .open, rate: QueueChange.Setting.none).applied(to: record)
        #expect(changed == QueueRecord(name: "mail", slots: 4, mode: .open, settings: settings))
    }

    @Test func `a queue that is made narrower keeps no more slots than it has`() {
        let narrow = QueueChange(slots: 2).applied(to: QueueChange(leastSlots: 3).applied(to: Self.mail))
        #expect(narrow.slots == 2)
        #expect(narrow.leastSlots == 2)
    }

    @Test(arguments: [
        (QueueChange(slots: 0), "slots"), (QueueChange(slots: 1001), "slots"),
        (QueueChange(leastSlots: 5), "min_slots"),
        (QueueChange(slots: 2, leastSlots: 3), "min_slots"), (QueueChange(leastSlots: 0), "min_slots"),
        (QueueChange(maxPending: .to(0)), "max_pending"), (QueueChange(aging: .to(.zero)), "aging"),
    ])
    func `what cannot be is refused by name`(change: QueueChange, field: String) {
        #expect(change.complaint(for: Self.mail)?.field == field)
    }

    @Test func `what can be is not refused`() {
        let change = QueueChange(
            slots: 8, leastSlots: 1, mode: .draining, rate: QueueChange.Setting.none,
            maxPending: .to(100), aging: .to(.seconds(5)))
        #expect(change.complaint(for: Self.mail) == nil)
    }
}
