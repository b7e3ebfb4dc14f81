/// A line a run logged or printed.
package struct LogLine: Hashable, Sendable {
    package enum Stream: Int, Hashable, Sendable {
        case log = 0, stdout = 1, stderr = 2
        /// Printed while several attempts ran in one guest: by this one or another.
        case guestStdout = 3, guestStderr = 4
    }

    package var run: RunID
    package var attempt: Int32
    package var at: Instant
    package var stream: Stream
    /// 0 trace, 1 debug, 2 info, 3 warning, 4 error; 2 for stdout, 3 for stderr.
    package var level: Int
    package var text: String

    package init(run: RunID, attempt: Int32, at: Instant, stream: Stream, level: Int, text: String) {
        self.run = run
        self.attempt = attempt
        self.at = at
        self.stream = stream
        self.level = level
        self.text = text
    }
}
