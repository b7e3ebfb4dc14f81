import Synchronization

/// A definition that is not in force, and why.
package struct RefusedDefinition: Hashable, Sendable {
    /// As `JobSource` spells it.
    package var source: String
    /// In the source's file, from 1.
    package var line: Int?
    /// Its name, where it has one that can be read.
    package var job: String?
    /// One sentence or more, with the value and what to do.
    package var reason: String

    package init(source: String, line: Int? = nil, job: String? = nil, reason: String) {
        self.source = source
        self.line = line
        self.job = job
        self.reason = reason
    }
}

/// What every kind of source has refused, for whoever wants to see it. May be used from any thread.
package final class RefusedDefinitions: Sendable {
    private let refused = Mutex<[String: [RefusedDefinition]]>([:])

    /// Replaces what was said of this kind of source.
    package func set(_ definitions: [RefusedDefinition], of kind: String) {
        refused.withLock { $0[kind] = definitions }
    }

    /// By kind, and in the order in which each kind gave them.
    package var all: [RefusedDefinition] {
        refused.withLock { refused in refused.sorted { $0.key < $1.key }.flatMap(\.value) }
    }

    package var count: Int { refused.withLock { $0.values.reduce(0) { $0 + $1.count } } }
}
