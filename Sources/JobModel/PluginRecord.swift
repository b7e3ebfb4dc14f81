/// What a plugin says of itself, as the guest read it from its descriptor.
package struct PluginDescriptor: Hashable, Sendable {
    package var id: String
    package var version: String
    package var vendor: String
    /// `major << 16 | minor` of the ABI the plugin was built for.
    package var abiVersion: UInt32
    package var components: [ComponentDescriptor]

    package init(id: String, version: String, vendor: String, abiVersion: UInt32, components: [ComponentDescriptor]) {
        self.id = id
        self.version = version
        self.vendor = vendor
        self.abiVersion = abiVersion
        self.components = components
    }
}

package struct ComponentDescriptor: Hashable, Sendable {
    package enum Kind: UInt32, Hashable, Sendable {
        case processor = 1
        case runner = 2
        case handler = 3

        package var word: String {
            switch self {
            case .processor: "processor"
            case .runner: "runner"
            case .handler: "handler"
            }
        }
    }

    package var id: String
    package var version: String
    package var title: String
    package var description: String
    package var kind: Kind
    package var flags: ComponentFlags
    package var maxConcurrency: UInt32
    /// Zero in these: the plugin left it to the host.
    package var defaultTimeout: Duration
    package var grace: Duration
    package var stall: Duration
    package var maxInputBytes: UInt64
    /// What it declares of these; wall time and grace stand above. Nil: the plugin left it to the host.
    package var limits: AttemptLimits
    /// JSON Schema text, or empty.
    package var paramsSchema: String
    /// Media type, or empty.
    package var resultType: String

    package init(
        id: String, version: String = "", title: String = "", description: String = "", kind: Kind,
        flags: ComponentFlags = [], maxConcurrency: UInt32 = 1, defaultTimeout: Duration = .zero,
        grace: Duration = .zero, stall: Duration = .zero, maxInputBytes: UInt64 = 0,
        limits: AttemptLimits = AttemptLimits(), paramsSchema: String = "", resultType: String = ""
    ) {
        self.id = id
        self.version = version
        self.title = title
        self.description = description
        self.kind = kind
        self.flags = flags
        self.maxConcurrency = maxConcurrency
        self.defaultTimeout = defaultTimeout
        self.grace = grace
        self.stall = stall
        self.maxInputBytes = maxInputBytes
        self.limits = limits
        self.paramsSchema = paramsSchema
        self.resultType = resultType
    }
}

extension ComponentDescriptor {
    /// Attempts that one guest may run at once; what calls on one thread alone can serve, runs one at a time.
    package var sharing: Int {
        guard flags.contains(.concurrent), !flags.contains(.sameThread) else { return 1 }
        return maxConcurrency == 0 ? 16 : min(Int(maxConcurrency), 64)
    }
}

/// The bits of `BERTH_FLAG_…` in `berth_plugin.h`, which is the source of their values.
package struct ComponentFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let concurrent = ComponentFlags(rawValue: 1 << 0)
    package static let selfConcurrent = ComponentFlags(rawValue: 1 << 1)
    package static let sameThread = ComponentFlags(rawValue: 1 << 2)
    package static let notRepeatable = ComponentFlags(rawValue: 1 << 3)
    package static let cooperative = ComponentFlags(rawValue: 1 << 4)
    package static let pure = ComponentFlags(rawValue: 1 << 5)
    package static let network = ComponentFlags(rawValue: 1 << 6)
    package static let subprocess = ComponentFlags(rawValue: 1 << 7)
}

/// A file in the plugins folder, as the catalog sees it.
package struct PluginRecord: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        /// Its components are runnable.
        case active
        /// A higher version, or an equal one that came later, is active under the same id.
        case shadowed
        /// Refused; the reason says why and what to do.
        case rejected
        /// Being checked.
        case checking
        /// Usable, and not offered: somebody said so.
        case disabled
        /// Good, and another version is used instead: somebody went back, or the host did.
        case setAside = "set_aside"

        package var words: String {
            switch self {
            case .setAside: "set aside"
            case .checking: "being checked"
            case .active, .shadowed, .rejected, .disabled: rawValue
            }
        }
    }

    package var path: String
    package var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }
    /// Its plugin's components come from it, whether they are started or not.
    package var isInUse: Bool { state == .active || state == .disabled }
    /// SHA-256 of the bytes in hex; empty when they could not be read.
    package var digest: String
    package var state: State
    /// One sentence, for all states but `active`, where there is something to say.
    package var reason: String?
    /// What speaks against it without keeping it from being used.
    package var warning: String?
    package var descriptor: PluginDescriptor?
    package var arrivedAt: Instant

    package init(
        path: String, digest: String, state: State, reason: String? = nil, warning: String? = nil,
        descriptor: PluginDescriptor? = nil, arrivedAt: Instant
    ) {
        self.path = path
        self.digest = digest
        self.state = state
        self.reason = reason
        self.warning = warning
        self.descriptor = descriptor
        self.arrivedAt = arrivedAt
    }
}
