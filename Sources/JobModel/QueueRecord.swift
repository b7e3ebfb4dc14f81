/// A lane of runs with its own concurrency and pause.
package struct QueueRecord: Hashable, Sendable {
    package var name: String
    /// Attempts that may run at once.
    package var slots: Int
    package var paused: Bool

    package init(name: String, slots: Int, paused: Bool = false) {
        self.name = name
        self.slots = slots
        self.paused = paused
    }
}
