/// A run was given to us by a server, which is owed its end until it has acknowledged it.
package struct Dispatch: Hashable, Sendable {
    /// What `upstreams:` in berth.yaml calls the server.
    package var upstream: String
    /// The server's own name for what it gave us. Not empty.
    package var instance: String
    /// JSON: what the protocol needs for its reports. Opaque to everybody else.
    package var note: [UInt8]

    package init(upstream: String, instance: String, note: [UInt8] = Array("{}".utf8)) {
        self.upstream = upstream
        self.instance = instance
        self.note = note
    }

    /// Who asked for the run, as its history says it.
    package var actor: String { Self.actor(of: upstream) }

    /// `upstream:NAME`.
    package static func actor(of upstream: String) -> String { actorPrefix + upstream }
    private static let actorPrefix = "upstream:"

    /// The upstream that an actor is; nil where it is another one.
    package static func upstream(of actor: String?) -> String? {
        guard let actor, actor.hasPrefix(actorPrefix) else { return nil }
        return String(actor.dropFirst(actorPrefix.count))
    }
}

extension Dispatch {
    /// Instances that are parts of another host's end in `@` and the address of that host; nil for all others.
    package static func lender(in instance: String) -> String? {
        instance.lastIndex(of: "@").map { String(instance[instance.index(after: $0)...]) }
    }
}

/// What has not been acknowledged of a dispatch. The row that says so is the outbox: reports are made from it and the
/// record of the run.
package struct OwedReport: Hashable, Sendable {
    package var dispatch: Dispatch
    package var run: RunID
    /// When the dispatch was stored.
    package var receivedAt: Instant
    /// The server told us to stop: nothing more is ever reported. The row stays until the run has ended.
    package var isSilenced: Bool
    /// When the run ended; nil: it has not.
    package var endedAt: Instant?

    package init(
        dispatch: Dispatch, run: RunID, receivedAt: Instant, isSilenced: Bool = false, endedAt: Instant? = nil
    ) {
        self.dispatch = dispatch
        self.run = run
        self.receivedAt = receivedAt
        self.isSilenced = isSilenced
        self.endedAt = endedAt
    }
}
