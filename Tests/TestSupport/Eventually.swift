/// Asks until there is an answer, for facts of other processes that send no event. The one place in the tests that lets
/// time pass, and never longer than its deadline.
@discardableResult
package func eventually<Answer>(
    _ what: String, within limit: Duration = .seconds(60), every pause: Duration = .milliseconds(10),
    _ ask: () async throws -> Answer?
) async throws -> Answer {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while clock.now < deadline {
        if let answer = try await ask() { return answer }
        try await clock.sleep(for: pause)
    }
    throw DeadlineMissed(what: what, limit: limit)
}

package struct DeadlineMissed: Error, CustomStringConvertible {
    package let what: String
    package let limit: Duration
    package var description: String { "\(what): not within \(limit)" }
}
