import GuestPool
import JobModel
import PluginCatalog

/// A component that runs name, whether it can be run now or not.
struct HotComponent: Sendable {
    let name: ComponentName
    /// Nil while no plugin offers it; its lanes wait.
    private(set) var current: CatalogComponent?
    private(set) var generation = 0
    /// The version before, as long as starts that were reserved for it are on their way to the store.
    private(set) var former: Box<HotComponent>?
    /// Runs up to this one were made before the schema was there; all later ones are complete by it.
    private(set) var schemaSince: RunID
    private(set) var estimate = DurationEstimate()
    private(set) var printed = false
    /// It crashed, or its plugin did not load: its starts are looked at one by one.
    var hasCrashed = false
    /// Guests of it that somebody killed, without an attempt between them that ended by itself.
    var killsInARow = 0
    /// Said by the operator; known once a spec was asked for.
    private(set) var keeping = GuestKeeping()
    /// Attempts under way in all queues, and how many there may be; nil: any number.
    var busy = 0
    var atOnce: Int?
    private static let mostWishes = 100
    private var specs: [Wishes: GuestSpecID] = [:]
    private var plainSpec: GuestSpecID?
    /// Runs that wish the same mostly come together, and comparing is cheaper than hashing paths.
    private var last: (wishes: Wishes, spec: GuestSpecID)?
    /// What its attempts may use before their jobs say something; known from the first dispatch on.
    private(set) var limits: AttemptLimits?

    /// `newest` is the id of the newest run there is.
    init(name: ComponentName, current: CatalogComponent?, newest: RunID) {
        self.init(name: name, current: current, generation: 0, schemaSince: newest)
    }

    /// What params of its runs are checked against; nil when there is nothing to check.
    var schema: ParamsSchema? { current?.schema }
    var isAvailable: Bool { current != nil && current?.hold == nil }
    var asksForGrants: Bool { current?.descriptor.flags.asksForGrants ?? false }
    var isFull: Bool { atOnce.map { busy >= $0 } ?? false }
    var isRepeatable: Bool { !(current?.descriptor.flags.contains(.notRepeatable) ?? false) }

    /// Attempts that one guest may run at once.
    var sharing: Int { keeping.isolation == .pool ? current?.descriptor.sharing ?? 1 : 1 }

    /// What was learned about one library says nothing about the next.
    mutating func replace(with new: CatalogComponent?, newest: RunID) {
        if new?.schema !== current?.schema { schemaSince = newest }
        guard new?.digest != current?.digest || new?.index != current?.index else {
            current = new
            return
        }
        var before = self
        before.former = nil
        self = HotComponent(name: name, current: new, generation: generation + 1, schemaSince: schemaSince)
        busy = before.busy
        atOnce = before.atOnce
        former = before.isAvailable ? Box(before) : nil
    }

    mutating func forgetFormer() { former = nil }

    mutating func learn(from end: AttemptEnd) {
        if end.printed { printed = true }
        switch end.outcome {
        case .crashed, .interrupted: break
        case .succeeded, .failed, .cancelled, .timedOut: estimate.add(end.finishedAt - end.startedAt)
        }
    }

    /// How many attempts may be sent to one slot at once: 1 ms of work, when attempts are short and print nothing.
    var attemptsAhead: Int {
        guard estimate.isTrusted, !printed, !hasCrashed, keeping.isolation == .pool, estimate.percentile95 < 1000
        else { return 1 }
        return min(512, max(1, Int(1000 / estimate.mean)))
    }

    /// The guest an attempt under this policy needs; nil while the component is not there.
    mutating func spec(policy: RunPolicy, surroundings: Surroundings) -> GuestSpecID? {
        guard let current else { return nil }
        if limits == nil { limits = current.limits(surroundings) }
        let isPlain = policy.limits == nil && policy.access.read.isEmpty && policy.access.write.isEmpty
        if isPlain, let plainSpec { return plainSpec }
        let wishes = Wishes(access: policy.access, limits: policy.limits)
        if let last, last.wishes == wishes { return last.spec }
        if let known = specs[wishes] {
            last = (wishes, known)
            return known
        }
        let spec = current.guestSpec(for: policy, surroundings)
        keeping = spec.keeping
        let made = surroundings.intern(spec)
        // Wishes may differ from run to run.
        if specs.count >= Self.mostWishes { specs = [:] }
        if isPlain { plainSpec = made } else { specs[wishes] = made }
        return made
    }

    /// What of a job decides about its guest.
    private struct Wishes: Hashable {
        var access: FileAccess
        var limits: AttemptLimits?
    }

    private init(name: ComponentName, current: CatalogComponent?, generation: Int, schemaSince: RunID) {
        self.name = name
        self.current = current
        self.generation = generation
        self.schemaSince = schemaSince
    }
}

extension CatalogComponent {
    /// What the guest of an attempt under this policy is. A component gets what it has a use for, as far as the operator
    /// grants it.
    func guestSpec(for policy: RunPolicy, _ surroundings: Surroundings) -> GuestSpec {
        let settings = surroundings.settings(of: name)
        let limits = limits(surroundings).tightened(by: policy.limits)
        return GuestSpec(
            library: library, digest: digest, configuration: settings.configuration, sandbox: settings.sandbox,
            grants: settings.grants.intersection(Grants(usableBy: descriptor.flags)), access: policy.access,
            limits: GuestLimits(limits), secrets: settings.secrets, keeping: settings.keeping)
    }
}
