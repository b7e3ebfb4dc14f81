/// One ended attempt of a run.
package struct AttemptRecord: Hashable, Sendable {
    package var run: RunID
    /// The start number, from 1.
    package var number: Int32
    package var end: AttemptEnd

    package init(run: RunID, number: Int32, end: AttemptEnd) {
        self.run = run
        self.number = number
        self.end = end
    }
}
