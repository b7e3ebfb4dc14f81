import TestSupport
import Testing

@testable import GuestPool

/// What the host reads of a guest: frames, and inside them descriptors, children and questions.
struct WireFuzzTests {
    @Test func `Whatever a guest says is read or refused`() throws {
        let samples = [
            WireSample.stream, WireSample.hello, WireSample.descriptor(),
            WireSample.child("name", "{}") + WireSample.child("", "[1]"),
        ]
        var fuzzing = try Fuzzing("host-wire", samples: samples)
        let (_, answers) = try fuzzing.run(count: 5000) { WireAnswer.words(to: $0) }
        #expect(answers > 20)
    }
}
