/// One thing that a check of a store looked at.
package struct StoreFinding: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case good
        /// Costs something, and loses nothing.
        case weak
        /// A rule is broken: what the store says cannot be trusted until something is done.
        case broken
    }

    package var verdict: Verdict
    package var subject: String
    /// What was found; where it is not good, what it means and what to do.
    package var text: String

    package init(_ verdict: Verdict, _ subject: String, _ text: String) {
        self.verdict = verdict
        self.subject = subject
        self.text = text
    }
}
