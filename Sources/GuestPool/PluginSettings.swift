package import JobModel

/// What the operator says about one plugin. Part of what a guest is: other settings, another guest.
package struct PluginSettings: Hashable, Sendable {
    /// JSON that the plugin's `start` gets.
    package var configuration: String
    /// Sorted by name.
    package var secrets: [GuestSecret]
    /// For all its components, and for some of them instead of that, by the component's id.
    package var limits: AttemptLimits
    package var componentLimits: [String: AttemptLimits]
    /// What its components may have of that which they ask for.
    package var grants: Grants
    package var sandbox: SandboxRules
    package var keeping: GuestKeeping
    /// Whether its components are slowed down and left alone when they crash again and again, and its new versions make
    /// way for the one before.
    package var quarantine = true

    package init(
        configuration: String = "{}", secrets: [GuestSecret] = [], limits: AttemptLimits = AttemptLimits(),
        componentLimits: [String: AttemptLimits] = [:], grants: Grants = [], sandbox: SandboxRules = .standard,
        keeping: GuestKeeping = GuestKeeping()
    ) {
        self.componentLimits = componentLimits
        self.configuration = configuration
        self.secrets = secrets
        self.limits = limits
        self.grants = grants
        self.sandbox = sandbox
        self.keeping = keeping
    }

    package func granted(_ more: Grants) -> PluginSettings {
        var settings = self
        settings.grants.formUnion(more)
        return settings
    }

    /// All that goes to a guest in one frame.
    package static let largest = 60_000

    package var bytes: Int {
        secrets.reduce(configuration.utf8.count) { $0 + $1.name.utf8.count + $1.value.count + 8 }
    }
}

/// A value that is shown to nobody but its plugin.
package struct GuestSecret: Hashable, Sendable {
    package var name: String
    package var value: [UInt8]

    package init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

extension GuestSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { name }
    package var debugDescription: String { name }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

extension Grants {
    package static let all: KeyValuePairs<String, Grants> = ["network": .network, "subprocess": .subprocess]

    package var words: [String] { Self.all.filter { contains($0.value) }.map(\.key) }
}
