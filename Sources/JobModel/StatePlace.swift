/// Where a plugin keeps one small value between runs: with the job that a run belongs to, or with the component for
/// runs of no job.
package struct StatePlace: Hashable, Sendable {
    package enum Owner: Hashable, Sendable {
        case job(JobID)
        /// Id of the component within its plugin.
        case component(String)
    }

    package var plugin: String
    package var owner: Owner
    package var key: [UInt8]

    package init(plugin: String, owner: Owner, key: [UInt8]) {
        self.plugin = plugin
        self.owner = owner
        self.key = key
    }
}

/// A value as it is stored. The version is 1 when the key is new and moves with every write.
package struct StoredState: Hashable, Sendable {
    package var value: [UInt8]
    package var version: UInt64

    package init(value: [UInt8], version: UInt64) {
        self.value = value
        self.version = version
    }
}

/// What became of a write.
package enum StateAnswer: Hashable, Sendable {
    case stored(version: UInt64)
    /// The version is another one by now, or the key is there or not there against expectation.
    case conflict
    /// The plugin has as much as a plugin may have, or the job it would be kept for is gone.
    case full
}
