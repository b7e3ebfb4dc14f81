/// Who decided something about a plugin, when, and why.
package struct Ruling: Hashable, Sendable {
    /// A user or token, or `host`.
    package var by: String
    package var reason: String?
    package var at: Instant

    package init(by: String, reason: String? = nil, at: Instant) {
        self.by = by
        self.reason = reason
        self.at = at
    }
}

/// One stretch of time in which a version of a plugin was the active one.
package struct Generation: Hashable, Sendable {
    /// Counts from 1, one more with each change of the active version.
    package var number: Int
    package var digest: String
    package var version: String
    /// The name of the file it came in.
    package var file: String
    package var since: Instant

    package init(number: Int, digest: String, version: String, file: String, since: Instant) {
        self.number = number
        self.digest = digest
        self.version = version
        self.file = file
        self.since = since
    }
}

/// A version that must not be active although its file is there.
package struct SetAside: Hashable, Sendable {
    package var plugin: String
    package var version: String
    package var ruling: Ruling

    package init(plugin: String, version: String, ruling: Ruling) {
        self.plugin = plugin
        self.version = version
        self.ruling = ruling
    }
}

/// The generations of a plugin whose copies are kept, from old to new. The last one is, or was last, the active one.
package struct Lineage: Hashable, Sendable {
    package private(set) var generations: [Generation]
    /// Since when no file of the folder holds the plugin; nil: one does.
    package var goneSince: Instant?

    /// As many versions as one may go back to, the active one included.
    package static let length = 3

    package init(generations: [Generation] = [], goneSince: Instant? = nil) {
        self.generations = generations
        self.goneSince = goneSince
    }

    package var current: Generation? { generations.last }

    /// A version becomes the active one. One that was before is known under its newest number only.
    package mutating func activate(digest: String, version: String, file: String, at now: Instant) {
        let number = (current?.number ?? 0) + 1
        generations.removeAll { $0.digest == digest }
        generations.append(
            Generation(number: number, digest: digest, version: version, file: file, since: now))
        if generations.count > Self.length { generations.removeFirst(generations.count - Self.length) }
    }

    /// Its copy is lost.
    package mutating func forget(_ digest: String) {
        generations.removeAll { $0.digest == digest }
    }
}

/// What the host has decided about a plugin, beyond what its files say.
package struct PluginStanding: Hashable, Sendable {
    package var lineage: Lineage
    /// By digest.
    package var setAside: [String: SetAside]
    package var disabled: Ruling?
    /// Digests of kept versions that the policy does not let be used.
    package var forbidden: Set<String>

    package init(
        lineage: Lineage, setAside: [String: SetAside] = [:], disabled: Ruling? = nil, forbidden: Set<String> = []
    ) {
        self.forbidden = forbidden
        self.lineage = lineage
        self.setAside = setAside
        self.disabled = disabled
    }

    /// The version that a rollback leads to; nil when none is kept.
    package var previous: Generation? {
        lineage.generations.dropLast().last { setAside[$0.digest] == nil && !forbidden.contains($0.digest) }
    }
}
