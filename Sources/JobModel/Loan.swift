/// A run whose attempt is made by another host. It runs as far as this host is concerned, takes no slot, and ends when
/// whoever lent it says how. It stays lent when this host dies.
package struct Loan: Hashable, Sendable {
    /// As it was when it was taken up by the engine; `number` and not its counters says which attempt is lent.
    package var run: RunRecord
    /// The start number of the attempt.
    package var number: Int32
    /// The borrower.
    package var host: String

    package init(run: RunRecord, number: Int32, host: String) {
        self.run = run
        self.number = number
        self.host = host
    }
}

/// To whom the children of a run may be lent, beside those that run here.
package struct LendingTerms: Hashable, Sendable {
    /// How many of them may be out at once, by borrower.
    package var hosts: [String: Int]
    /// How many of them may run here at once; 0: none.
    package var here: Int

    package init(hosts: [String: Int], here: Int) {
        self.hosts = hosts
        self.here = here
    }
}
