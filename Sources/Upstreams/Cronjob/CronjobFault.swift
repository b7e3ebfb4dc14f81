/// Why the server did not do what it was asked.
package enum CronjobFault: Error, Hashable, Sendable {
    /// No answer.
    case unreachable(String)
    /// It answered, and refused.
    case refused(status: Int, String)
    /// The connection for events was answered with this instead.
    case notUpgraded(status: Int)
    /// What came makes no sense.
    case unreadable(String)
}

extension CronjobFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let why): "no answer: \(why)"
        case .refused(let status, let why): "answered \(status)" + (why.isEmpty ? "" : ": \(why)")
        case .notUpgraded(let status): "answered the request for a WebSocket with \(status)"
        case .unreadable(let why): why
        }
    }
}
