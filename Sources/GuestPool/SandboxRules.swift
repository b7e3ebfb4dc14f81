import CGuestWire

/// The sandbox of a guest: a profile, with single features switched on or off.
package struct SandboxRules: Hashable, Sendable {
    package let profile: SandboxProfile
    package private(set) var features: SandboxFeatures

    package init(_ profile: SandboxProfile) {
        self.profile = profile
        features = profile.features
    }

    private init(_ profile: SandboxProfile, features: SandboxFeatures) {
        self.profile = profile
        self.features = features
    }

    /// Nothing is refused, and what a sandbox would refuse is noted; see `Learner`. Without no_new_privs only root may
    /// have a filter.
    static let learning = SandboxRules(.none, features: [.learns, .namedRefusals, .noNewPrivileges])
    package static let none = SandboxRules(.none)
    package static let standard = SandboxRules(.standard)
    package static let strict = SandboxRules(.strict)

    package mutating func set(_ feature: SandboxFeatures, _ isOn: Bool) {
        // Programs that may gain privileges are for a root that has some to give, and without them it could not enter
        // the rest of the sandbox either.
        let both: SandboxFeatures = feature == .noNewPrivileges ? [feature, .fewCapabilities] : feature
        if isOn { features.formUnion(both) } else { features.subtract(both) }
    }

    /// The profile and what differs from it: `strict, MemoryDenyWriteExecute: no`.
    package var words: String {
        let switched = SandboxFeatures.switches.filter {
            features.contains($0.value) != profile.features.contains($0.value)
        }
        return ([profile.rawValue] + switched.map { "\($0.key): \(features.contains($0.value) ? "yes" : "no")" })
            .joined(separator: ", ")
    }
}

package enum SandboxProfile: String, Hashable, Sendable, CaseIterable {
    /// Limits, a clean environment and the end with the host, nothing else.
    case none
    /// Files, calls and signals are fenced in; a refused call fails, and the run may go on.
    case standard
    /// Also processes, network and users of its own, and fewer calls; a refused one ends the guest.
    case strict

    fileprivate var features: SandboxFeatures {
        let fence: SandboxFeatures = [
            .noNewPrivileges, .denyWriteExecute, .files, .callFilter, .namedRefusals, .fewCapabilities, .hiddenMemory,
        ]
        return switch self {
        case .none: []
        case .standard: fence
        case .strict: fence.union([.strictCalls, .privateNetwork, .privateProcesses, .privateUsers])
        }
    }
}

/// What a sandbox can be made of. The values are those of the frames between host and guest.
package struct SandboxFeatures: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let noNewPrivileges = SandboxFeatures(rawValue: GW_FEATURE_NO_NEW_PRIVS)
    /// Memory that is or was writable never becomes executable.
    package static let denyWriteExecute = SandboxFeatures(rawValue: GW_FEATURE_MDWE)
    /// Landlock: files, folders and devices by path.
    package static let files = SandboxFeatures(rawValue: GW_FEATURE_LANDLOCK)
    /// Landlock, ABI 6: signals and abstract sockets stay within the sandbox.
    package static let signalScope = SandboxFeatures(rawValue: GW_FEATURE_SIGNAL_SCOPE)
    /// Landlock, ABI 4: TCP.
    package static let networkRules = SandboxFeatures(rawValue: GW_FEATURE_NET_RULES)
    package static let callFilter = SandboxFeatures(rawValue: GW_FEATURE_SECCOMP)
    /// The filter's shorter list, and a refused call is the end.
    package static let strictCalls = SandboxFeatures(rawValue: GW_FEATURE_STRICT_CALLS)
    /// The host hears of refused calls.
    package static let namedRefusals = SandboxFeatures(rawValue: GW_FEATURE_NAMED_REFUSALS)
    package static let fewCapabilities = SandboxFeatures(rawValue: GW_FEATURE_CAPABILITIES)
    /// Others of the same user can neither trace it nor read its memory.
    package static let hiddenMemory = SandboxFeatures(rawValue: GW_FEATURE_NO_DUMP)
    package static let privateNetwork = SandboxFeatures(rawValue: GW_FEATURE_PRIVATE_NETWORK)
    package static let privateProcesses = SandboxFeatures(rawValue: GW_FEATURE_PRIVATE_PIDS)
    package static let privateUsers = SandboxFeatures(rawValue: GW_FEATURE_PRIVATE_USERS)

    static let learns = SandboxFeatures(rawValue: GW_FEATURE_LEARN)

    /// Those that the operator can switch, by names that systemd.exec(5) has for them.
    package static let switches: KeyValuePairs<String, SandboxFeatures> = [
        "NoNewPrivileges": .noNewPrivileges, "MemoryDenyWriteExecute": .denyWriteExecute,
        "SystemCallFilter": .callFilter, "PrivateNetwork": .privateNetwork, "PrivatePIDs": .privateProcesses,
    ]
}
