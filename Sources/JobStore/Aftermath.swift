package import JobModel

/// What the end of a run brings with it, stored in the same transaction.
package struct Aftermath: Sendable {
    /// Something that people should see where they look at a run.
    package struct Warning: Sendable {
        /// The run that ended, or the one it belongs to; one that is not there any more is not told.
        package var run: RunID
        package var words: String

        package init(run: RunID, words: String) {
            self.run = run
            self.words = words
        }
    }

    /// Follow-ups and the step after it; pending, or ended as they are made.
    package var runs: [RunRecord]
    package var warnings: [Warning]

    package init(runs: [RunRecord] = [], warnings: [Warning] = []) {
        self.runs = runs
        self.warnings = warnings
    }

    package static let none = Aftermath()
}
