import JobModel
import Testing

@testable import JobEngine

@Suite(.timeLimit(.minutes(5))) struct AnnouncerTests {
    private let announcer = Announcer()

    @Test func `who waits for a run hears when it rests`() async {
        let rests = announcer.rests(of: 7)
        announcer.tell([
            .run(8, .succeeded, job: nil, at: .distantPast), .run(7, .running, job: nil, at: .distantPast),
            .run(7, .held, job: nil, at: .distantPast),
        ])
        announcer.close()
        var heard = 0
        for await _ in rests { heard += 1 }
        #expect(heard == 1)
    }

    @Test func `who begins to listen after the end hears nothing and is not kept waiting`() async {
        announcer.close()
        announcer.tell([.run(7, .succeeded, job: nil, at: .distantPast), .jobsChanged])
        for await _ in announcer.rests(of: 7) { Issue.record("a rest after the end") }
        for await _ in announcer.announcements(where: { _ in true }) { Issue.record("an announcement after the end") }
    }
}
