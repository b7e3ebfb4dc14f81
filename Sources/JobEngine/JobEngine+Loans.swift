package import JobModel

/// Runs whose attempts other hosts make. Whoever lends them speaks to those hosts; the engine knows what is out.
extension JobEngine {
    /// Who else may run the children of a run, from now on and until it has ended. Children go to slots here first. Not
    /// kept: after a start of the host it has to be said again. Nil: nobody else.
    package func setLending(of parent: RunID, _ terms: LendingTerms?) async throws(EngineError) {
        _ = try await asked(.setLending(of: parent, terms))
    }

    /// All that is lent, oldest run first.
    package func loans() async throws(EngineError) -> [Loan] {
        guard case .loans(let loans) = try await asked(.loans) else { throw .stopping }
        return loans
    }

    /// The host that a run is lent to; nil: it is not.
    package func borrower(of id: RunID) async throws(EngineError) -> String? {
        guard case .loans(let loans) = try await asked(.loan(of: id)) else { throw .stopping }
        return loans.first?.host
    }

    /// Each loan once it is on disk, from now on. A run that is cancelled is lent no more without a word: its borrower's
    /// answer is refused.
    package func newLoans() -> AsyncStream<Loan> {
        let announcements = thread.announcer.announcements(keepsAll: true) { announcement in
            if case .lent = announcement { true } else { false }
        }
        return AsyncStream { continuation in
            let task = Task {
                for await case .lent(let loan) in announcements { continuation.yield(loan) }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// How the attempt ended. The policy of the run says what follows. False when that attempt is not lent any more.
    package func endLoan(_ loan: Loan, _ end: AttemptEnd) async throws(EngineError) -> Bool {
        guard case .done = try await asked(.endLoan(loan.run.id, number: loan.number, end)) else { return false }
        return true
    }

    /// The borrower never had it: it waits for its turn again. False when that attempt is not lent any more.
    package func takeBack(_ loan: Loan) async throws(EngineError) -> Bool {
        guard case .done = try await asked(.takeBack(loan.run.id, number: loan.number)) else { return false }
        return true
    }
}
