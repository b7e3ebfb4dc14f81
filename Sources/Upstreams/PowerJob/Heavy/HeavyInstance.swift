import JobModel

/// An instance of more than one task that the server gave to this host.
struct HeavyInstance {
    /// One family of tasks: all of the instance, or one launch of it.
    struct Family {
        var parent: RunID
        var tracker: TaskTracker
    }

    var order: InstanceOrder
    let run: RunID
    /// Milliseconds since 1970.
    let startTime: Int64
    /// When its time is over; nil: never, or that is seen to.
    var deadline: Instant?
    /// By launch; by the instance's own number where it is not launched again and again.
    var families: [Int64: Family] = [:]
    var launches: FrequentLaunches?
    /// Runs of launches that have ended, which the stored note may not count yet, each with how many had ended by then.
    var counted: [(run: RunID, ended: Int64)] = []
    /// Runs of launches that the note of an earlier host counts, which are owed still: it died before it had settled them.
    var countedBefore: Set<RunID> = []
    /// To be told to the server, until it has taken it.
    var alert: String?

    /// When something is due.
    var next: Instant? {
        let all = families.values.compactMap(\.tracker.next) + [deadline, launches?.next].compactMap(\.self)
        return all.min()
    }

    /// What is kept with the dispatch, from which the next host goes on.
    var state: JSONValue {
        let settling = countedBefore.sorted() + counted.map(\.run)
        return .object(present: [
            "order": order.json, "launches": launches?.counted,
            "settling": launches == nil ? nil : .array(settling.map { .number($0) }),
        ])
    }

    /// Takes up what an earlier host had counted.
    mutating func goOn(from state: JSONValue, now: Instant) {
        launches = FrequentLaunches(order, before: state["launches"], now: now)
        countedBefore = Set((state["settling"]?.array ?? []).compactMap(\.integer))
    }

    /// Nil when the state is no such thing.
    static func order(in state: JSONValue?) -> InstanceOrder? {
        state?["order"].flatMap { try? InstanceOrder(json: $0) }
    }
}

extension InstanceOrder {
    /// A borrower that nobody gives tasks to: the run of an instance that is launched again and again only stands for it.
    static let launcher = "launches"

    /// How the run of the instance, or of one launch, is treated, given how one of one task would be.
    func shape(_ policy: RunPolicy, own: String) -> RunPolicy {
        var policy = policy
        switch executeType {
        case .standalone, .mapReduce: break
        case .map: policy.reducing = .count
        case .broadcast:
            let everybody = everybody(own: own)
            policy.placement = .eachOf(everybody.isEmpty ? [own] : everybody, here: own)
        }
        return policy
    }
}
