import AsyncHTTPClient
import NIOCore

/// What a server answered, with all of its body.
struct WholeAnswer: Sendable {
    var status: Int
    /// Where it sends whoever asks, when it does.
    var location: String?
    var body: ByteBuffer
}

extension HTTPClient {
    /// One request. The client's own time limit ends with the head of an answer: this one holds for all of it.
    func exchange(_ request: HTTPClientRequest, within patience: Duration, most: Int) async throws -> WholeAnswer {
        try await withThrowingTaskGroup(of: WholeAnswer.self) { group in
            group.addTask {
                let response = try await self.execute(request, timeout: .nanoseconds(patience.nanoseconds))
                return WholeAnswer(
                    status: Int(response.status.code), location: response.headers.first(name: "location"),
                    body: try await response.body.collect(upTo: most))
            }
            group.addTask {
                try await ContinuousClock().sleep(for: patience)
                throw NoAnswer()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw NoAnswer() }
            return first
        }
    }
}

private struct NoAnswer: Error, CustomStringConvertible {
    let description = "the answer did not come in time"
}

extension Duration {
    var nanoseconds: Int64 {
        let (whole, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : whole
    }
}
