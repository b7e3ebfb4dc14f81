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
    /// Those that are to be started yet: one at a time, as this thread stands still while a process is made.
    var planned: [GuestSpec] = []
    /// The one that is not loaded yet.
    var awaited: UInt64?
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
        var preparation = Preparation(end: turn.now.monotonic + Self.preparationTime, answer: answer)
        for succession in successions {
            let atWork = guests.values.filter { $0.digest == succession.from && ($0.hasSlot || !$0.isVacant) }
            preparation.planned += atWork.prefix(configuration.maximumIdle).filter { $0.keeping.isolation == .pool }
                .map { $0.settings.succeeded(by: succession) }
        }
        preparations.append(preparation)
    }

    /// Goes on with them, and answers those whose guests are loaded, or have failed to, or take too long.
    func settlePreparations() {
        for index in preparations.indices.reversed() {
            let isOver = isStopping || preparations[index].end <= turn.now.monotonic
            if !isOver, goesOn(&preparations[index]) { continue }
            preparations.remove(at: index).answer.resume()
        }
    }

    private func goesOn(_ preparation: inout Preparation) -> Bool {
        if let awaited = preparation.awaited, guests[awaited]?.isComing == true { return true }
        guard let next = preparation.planned.popLast(), hasRoom(for: next) else { return false }
        do throws(ProbeFailure) {
            preparation.awaited = try spawn(next, inbox.intern(next), loadTime: Self.loadTime).number
        } catch {
            logger.info("guest could not be started", metadata: ["reason": "\(error.words)"])
            return false
        }
        return true
    }
}

extension GuestSpec {
    /// What of its limits and grants comes from the plugin may be other in the new version: then it is not used.
    fileprivate func succeeded(by succession: Succession) -> GuestSpec {
        var spec = self
        spec.digest = succession.to
        spec.library = succession.library
        return spec
    }
}

extension Guest {
    fileprivate var isComing: Bool { phase == .starting || phase == .loading }
}
