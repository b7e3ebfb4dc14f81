/// On which hosts a run or its children are to run, where that is not simply this one. A host is known by an address
/// that means something to whoever lends runs to it; the engine only compares it.
package enum Placement: Hashable, Sendable, Codable {
    /// Once its root stage has succeeded, the run gets one child for each of these hosts, in this order and with its own
    /// params, in place of children it emits. The one that is called `here` is this host. A child that is itself one of
    /// each says so without hosts; what it emits is not made either.
    case eachOf([String], here: String)
    /// It is lent to this host when its turn comes, and never started here.
    case on(String)
}

/// Who judges a family when the last child has ended. Nil in a policy: the reduce stage of the component.
package enum Reducing: String, Hashable, Sendable, Codable {
    /// The host counts: the run succeeds when all its children have. No plugin code runs. Under `Placement.eachOf` there is
    /// no root stage either.
    case count
}

/// What a run is that another host's run emitted.
package struct ChildPlace: Hashable, Sendable {
    /// Among the children of its parent, from 0.
    package var index: Int64
    package var label: String?
    /// The root stage chose its params, so that the schema of the component does not speak of them.
    package var hasOwnParams: Bool

    package init(index: Int64, label: String? = nil, hasOwnParams: Bool) {
        self.index = index
        self.label = label
        self.hasOwnParams = hasOwnParams
    }
}
