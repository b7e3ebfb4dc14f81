import JobEngine
package import JobModel

/// Instances of more than one task: broadcast, map, map-reduce, and those launched again and again.
package actor HeavyInstances {
    private let parts: PowerJobParts

    package init(parts: PowerJobParts) {
        self.parts = parts
    }

    /// How many have not ended.
    package var count: Int { 0 }

    /// A dispatch of the server that is not light.
    package func take(_ order: InstanceOrder, _ intake: Intake) async -> Intake.Answer {
        .notNow("instances of more than one task are not run here")
    }

    /// The server wants it stopped. Its dispatch is silenced and its run cancelled by the caller.
    package func stop(_ instance: Int64) async {}

    /// What `queryInstanceStatus` answers; nil: it is not one of these.
    package func detail(of instance: Int64) async -> InstanceDetail? { nil }

    /// Puts the numbers of tasks into a report that it goes on.
    package func describe(_ report: inout InstanceReport) async {}

    /// How one of these ended, whose note has `heavy`.
    package func end(of ended: EndedDispatch, _ note: InstanceNote) async -> InstanceEnd { InstanceEnd(of: ended.run) }

    /// No server has been in charge for five rounds: it has moved the instances that are launched again and again.
    package func loseServer() async {}

    /// Calls of other workers, `/processorTracker/…` and `/taskTracker/…`; nil: there is no such path.
    package func answer(_ path: String, _ message: JSONValue) async -> DoorAnswer? { nil }

    /// A task that another worker's instance lent to us has ended, or was under way when the host started.
    package func taskEnded(_ ended: EndedDispatch) async { await parts.ledger.settle([ended.run.id]) }
    package func resumeTask(_ open: OpenDispatch) async {}

    /// Goes on with what an earlier host was given, and works until it is cancelled.
    package func run() async {}
}
