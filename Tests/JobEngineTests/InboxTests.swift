import JobModel
import Testing

@testable import JobEngine

struct InboxTests {
    /// Nobody sleeps here, so the bell is not rung.
    private let inbox = Inbox(bell: -1)

    @Test func `events are taken in the order they were posted`() {
        inbox.post(.guests([]))
        inbox.post(.shutdown)
        let events = inbox.take()?.events ?? []
        #expect(events.count == 2)
        guard case .shutdown = events.last else {
            Issue.record("\(events)")
            return
        }
        #expect(inbox.take() == nil)
    }

    @Test func `events after the end are dropped`() async {
        inbox.post(.shutdown)
        #expect(inbox.close(.stopping).isEmpty)
        inbox.post(.shutdown)
        #expect(inbox.take() == nil)
        guard case .failed(.stopping) = await inbox.ask(.queues) else {
            Issue.record("a call was taken after the end")
            return
        }
    }
}
