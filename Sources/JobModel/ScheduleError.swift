/// Why a schedule is refused.
package struct ScheduleError: Error, Hashable, Sendable {
    /// What was written, cut after 100 bytes.
    package var text: String
    /// Where reading stopped: bytes from the start of what was written.
    package var position: Int
    /// One sentence with the offending value and what would be right.
    package var reason: String

    package init(text: String, position: Int, reason: String) {
        self.text = text.utf8.count <= 100 ? text : String(decoding: text.utf8.prefix(100), as: UTF8.self) + "…"
        self.position = position
        self.reason = reason
    }
}

extension ScheduleError: CustomStringConvertible {
    package var description: String { "schedule \"\(text)\", at byte \(position): \(reason)" }
}

/// A `ScheduleError` that does not know its text yet.
struct Refusal: Error {
    var position: Int
    var reason: String
}
