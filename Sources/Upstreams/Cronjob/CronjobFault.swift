/// Why the server did not do what it was asked.
package enum CronjobFault: Error, Hashable, Sendable {
    /// No answer.
    case unreachable(String)
    /// It answered, and refused.
    case refused(status: Int, String)
    /// What came makes no sense.
    case unreadable(String)
}

extension CronjobFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let why): "no answer: \(why)"
        case .refused(let status, let why): "answered \(status)" + (why.isEmpty ? "" : ": \(why)")
        case .unreadable(let why): why
        }
    }
}
