import GuestPool
import JobModel
import JobStore

/// What running attempts ask for. Reads go to the store beside the batches.
extension HotState {
    mutating func asked(_ key: AttemptKey, _ ask: GuestAsk) {
        guard let (_, run, _, _) = running(key) else { return answer(key, .badCall) }
        switch ask {
        case .results(let index): effects.reads.append(.results(key, from: index))
        case .get(let name): effects.reads.append(.state(key, place(of: run, name)))
        case .put(let name, let value, let version):
            guard trouble == nil else { return answer(key, .again) }
            emit(.putState(place(of: run, name), value, ifVersion: version), .state(key))
        }
    }

    /// A write is on disk, or was refused.
    mutating func stateAnswered(_ key: AttemptKey, _ stored: StateAnswer) {
        switch stored {
        case .stored(let version): answer(key, GuestAnswer(status: 0, number: version))
        case .conflict: answer(key, .conflict)
        case .full: answer(key, .again)
        }
    }

    private func place(of run: HotRun, _ key: [UInt8]) -> StatePlace {
        let name = components[run.component].name
        return StatePlace(
            plugin: name.plugin, owner: run.origin.value.job.map { .job($0) } ?? .component(name.component), key: key)
    }

    mutating func answer(_ key: AttemptKey, _ answer: GuestAnswer) {
        effects.guests.append(.answer(key, answer))
    }
}

/// Something to read for an attempt that waits for it.
enum GuestRead: Sendable {
    case results(AttemptKey, from: Int64)
    case state(AttemptKey, StatePlace)
}
