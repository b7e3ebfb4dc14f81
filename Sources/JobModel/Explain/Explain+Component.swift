// What of a component, its plugin and its guests keeps a run from starting.
extension RunFacts {
    var componentObstacle: Obstacle? {
        switch offer {
        case .offered: nil
        case .unknownYet:
            Obstacle(.missingComponent, "The plugins are still being looked at.", command: "berth plugin list")
        case .withheld(let reason):
            Obstacle(.withheld, sentence(reason), command: "berth plugin enable \(run.component.plugin)")
        case .missing(let reason):
            Obstacle(
                .missingComponent, sentence(reason), command: "berth plugin show \(run.component.plugin)")
        }
    }

    var quarantineObstacle: Obstacle? { quarantine.map { Obstacle(.quarantine, sentence($0), command: release) } }

    var crashObstacle: Obstacle? { crashPause.map { Obstacle(.crashPause, sentence($0), command: release) } }

    private var release: String { "berth plugin release \(run.component.plugin)" }

    var grantObstacle: Obstacle? {
        missingGrant.map {
            Obstacle(
                .grant, "It will fail as soon as its turn comes: \($0)".withStop,
                command: "berth plugin show \(run.component.plugin)")
        }
    }

    var paramsObstacle: Obstacle? {
        misfit.map {
            Obstacle(
                .params, "It will fail as soon as its turn comes: \($0)".withStop,
                command: "berth runs cancel \(run.id)")
        }
    }

    var guestsObstacle: Obstacle? {
        mostGuests.map { most in
            let words = most == 1 ? "The one guest" : "All \(most) guests"
            return Obstacle(
                .guests,
                "\(words) that \(run.component.plugin) may have \(most == 1 ? "is" : "are") at work; \"guests: {max: …}\" of the "
                    + "plugin in berth.yaml lets it have more.",
                command: "berth runs list --component \(run.component) --state running")
        }
    }

    var componentLimitObstacle: Obstacle? {
        componentLimit.map { most in
            let more = most * 2 <= QueueChange.slotCounts.upperBound ? "\(most * 2)" : "none"
            return Obstacle(
                .componentLimit,
                "\(most == 1 ? "An attempt" : "\(most) attempts") of \(run.component) \(most == 1 ? "is" : "are") under way, as "
                    + "many as there may be at once.",
                command: "berth component limit \(run.component) \(more)")
        }
    }

    /// A sentence that begins with a name keeps it as it is written.
    private func sentence(_ reason: String) -> String {
        if reason.hasPrefix("\(run.component) ") { return "The component \(reason)".asSentence }
        if reason.hasPrefix("\(run.component.plugin) ") { return "The plugin \(reason)".asSentence }
        return reason.asSentence
    }
}

// What of its family does.
extension RunFacts {
    var familyObstacle: Obstacle? {
        guard familyIsFull, let parent = run.parent else { return nil }
        return Obstacle(
            .lending, "As many children of run \(parent) are under way, here and on other hosts, as may be at once.",
            command: "berth runs list --parent \(parent) --state running")
    }
}
