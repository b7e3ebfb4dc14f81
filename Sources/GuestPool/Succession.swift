import Logging

/// One version of a plugin is to take over from another.
package struct Succession: Hashable, Sendable {
    /// Digest of the version that goes.
    package var from: String
    package var to: String
    /// Absolute path of the staged library of the version that comes.
    package var library: String

    package init(from: String, to: String, library: String) {
        self.from = from
        self.to = to
        self.library = library
    }
}

/// Has guests of new versions ready before they take over, so that nothing waits for one to be loaded.
struct Preparation {
    /// Those that are not loaded yet.
    var awaited: Set<UInt64>
    /// When nobody waits for them any more.
    let end: Int64
    let answer: CheckedContinuation<Void, Never>
}

extension PoolLoop {
    /// Other versions may wait behind this one.
    private static let preparationTime: Int64 = 2_000_000_000

    /// Starts a guest for each one of the old version that is at work, as far as unused guests are kept at all.
    func prepare(_ successions: Set<Succession>, _ answer: CheckedContinuation<Void, Never>) {
        guard !isStopping else { return answer.resume() }
        var preparation = Preparation(awaited: [], end: turn.now.monotonic + Self.preparationTime, answer: answer)
        for succession in successions {
            let atWork = guests.values.filter { $0.digest == succession.from && ($0.hasSlot || !$0.isVacant) }
            for guest in atWork.prefix(configuration.maximumIdle) where guest.keeping.isolation == .pool {
                if let number = successor(of: guest, succession) { preparation.awaited.insert(number) }
            }
        }
        preparations.append(preparation)
    }

    /// What of its limits and grants comes from the plugin may be other in the new version: then it is not used.
    private func successor(of guest: Guest, _ succession: Succession) -> UInt64? {
        var spec = guest.settings
        spec.digest = succession.to
        spec.library = succession.library
        do throws(ProbeFailure) {
            return try spawn(spec, inbox.intern(spec), loadTime: Self.loadTime).number
        } catch {
            logger.info("guest could not be started", metadata: ["reason": "\(error.words)"])
            return nil
        }
    }

    /// Answers those whose guests are loaded, or have failed to, or take too long.
    func settlePreparations() {
        for index in preparations.indices.reversed() {
            preparations[index].awaited = preparations[index].awaited.filter { guests[$0]?.isComing == true }
            let isOver = isStopping || preparations[index].end <= turn.now.monotonic
            if preparations[index].awaited.isEmpty || isOver { preparations.remove(at: index).answer.resume() }
        }
    }
}

extension Guest {
    fileprivate var isComing: Bool { phase == .starting || phase == .loading }
}
