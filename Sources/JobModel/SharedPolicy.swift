/// A policy that many runs share. Runs and requests are copied all the time, policies are large, and hardly any run has one
/// of its own.
package final class SharedPolicy: Sendable {
    package let value: RunPolicy

    package static let standard = SharedPolicy(RunPolicy.standard)

    /// The standard policy is the same object for all that have it.
    package static func of(_ policy: RunPolicy) -> SharedPolicy {
        policy == .standard ? .standard : SharedPolicy(policy)
    }

    private init(_ value: RunPolicy) {
        self.value = value
    }
}

extension SharedPolicy: Hashable {
    package static func == (left: SharedPolicy, right: SharedPolicy) -> Bool {
        left === right || left.value == right.value
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
