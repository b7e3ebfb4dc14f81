import CGuestWire

/// What a guest was to have and what it could really put in force on this machine.
package struct SandboxReport: Hashable, Sendable {
    package var wanted: SandboxFeatures
    package var inForce: SandboxFeatures
    /// 0: none.
    package var landlockABI: UInt32
    /// What entering it took.
    package var setup = Duration.zero

    package init(wanted: SandboxFeatures = [], inForce: SandboxFeatures = [], landlockABI: UInt32 = 0) {
        self.wanted = wanted
        self.inForce = inForce
        self.landlockABI = landlockABI
    }

    /// What a guest said of itself in HELLO.
    init(_ hello: GuestFrame.Hello, wanted: SandboxFeatures) {
        self.init(
            wanted: wanted, inForce: SandboxFeatures(rawValue: hello.inForce), landlockABI: hello.landlockABI)
        setup = .nanoseconds(Int64(hello.setupNanoseconds))
    }

    /// What is missing, each with what that means and what would have it.
    package var gaps: [String] {
        let missing = wanted.subtracting(inForce)
        return SandboxFeatures.costs.filter { missing.contains($0.feature) }.map(\.words)
    }
}

extension SandboxFeatures {
    fileprivate static let costs: [(feature: SandboxFeatures, words: String)] = [
        (.noNewPrivileges, "programs can gain privileges (no_new_privs)"),
        (.denyWriteExecute, "plugins can make code as they run (MDWE, Linux 6.3, stops it)"),
        (.files, "plugins can reach every file that the host's user can (Landlock, Linux 5.13, stops it)"),
        (.networkRules, "TCP is refused by the call filter alone (Landlock ABI 4, Linux 6.7, would be a second wall)"),
        (
            .signalScope,
            "programs of plugins can signal processes of the same user "
                + "where they have no process namespace (Landlock ABI 6, Linux 6.12, stops it)"
        ),
        (.callFilter, "system calls are not filtered (seccomp)"),
        (.namedRefusals, "refused calls are not named in errors (seccomp's user notification, Linux 5.0)"),
        (.fewCapabilities, "capabilities are kept"),
        (.hiddenMemory, "memory of guests can be read by their user (PR_SET_DUMPABLE)"),
        (.privateNetwork, "no network namespace: the rest of the sandbox keeps plugins from the network"),
        (
            .privateProcesses,
            "no process namespace: programs of plugins see other processes, and those of a host that is killed run on until "
                + "the next one starts"
        ),
        (.privateUsers, "no user namespace: guests are of the host's users"),
    ]
}

/// What a kernel is to be taken not to have; for tests.
package struct KernelLacks: Hashable, Sendable {
    /// Landlock beyond this ABI; nil: nothing of it.
    package var landlockAbove: UInt32?
    package var features: SandboxFeatures
    /// Control groups that the host may make.
    package var controlGroups: Bool
    /// Sockets to which no descriptors can be sent (Linux 6.16).
    package var refusedDescriptors: Bool

    package init(
        landlockAbove: UInt32? = nil, features: SandboxFeatures = [], controlGroups: Bool = false,
        refusedDescriptors: Bool = false
    ) {
        self.landlockAbove = landlockAbove
        self.features = features
        self.controlGroups = controlGroups
        self.refusedDescriptors = refusedDescriptors
    }

    /// That of Debian 12, which hands no control groups to a service that does not ask for them.
    package static let linux61 = KernelLacks(
        landlockAbove: 2, features: .denyWriteExecute, controlGroups: true, refusedDescriptors: true)
    /// One of before Linux 6.12, for a host that is not root, where such hosts may make no namespaces.
    package static let processNamespaces = KernelLacks(
        landlockAbove: 5, features: .privateProcesses, controlGroups: true, refusedDescriptors: true)

    func namespaces(of spec: GuestSpec) -> Namespaces {
        features.contains(.privateProcesses) ? spec.namespaces.subtracting(.processes) : spec.namespaces
    }
}
