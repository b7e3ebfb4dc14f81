import JobModel
import Logging

/// How many guests a plugin has.
extension PoolLoop {
    /// Starts what is missing of the guests that are kept ready, as far as their plugins may have more. Comes after all
    /// that attempts ask for.
    func keepWarm() {
        guard !warm.ids.isEmpty, !isStopping else { return }
        for id in warm.ids where !warm.isGivenUp(id) {
            guard let spec = id.spec, usable(id) < spec.keeping.minimum, hasRoom(for: spec) else { continue }
            do throws(ProbeFailure) {
                _ = try spawn(spec, id, loadTime: Self.loadTime)
            } catch {
                logger.info("guest could not be started", metadata: ["reason": "\(error.words)"])
                warm.giveUp(id)
            }
        }
    }

    /// Whether a guest may go without being missed.
    func isSpare(_ guest: Guest) -> Bool {
        !warm.ids.contains(guest.spec) || usable(guest.spec) > guest.keeping.minimum
    }

    /// Whether the plugin may have one more guest. Those that are just ending count until they have.
    func hasRoom(for spec: GuestSpec) -> Bool {
        spec.keeping.maximum == 0 || guests(of: spec.digest).count < spec.keeping.maximum
    }

    /// Whether one more may be started for an attempt that none of those there are suits. If not, an idle one gives way:
    /// there is room once it has ended.
    func makesRoom(for spec: GuestSpec) -> Bool {
        guard !hasRoom(for: spec) else { return true }
        let all = guests(of: spec.digest)
        // One after the other: nobody knows yet who else waits for the room that is being made.
        guard !all.contains(where: \.isEnding) else { return false }
        let idle = all.filter { $0.isIdle && $0.isVacant }.sorted { $0.idleSince < $1.idleSince }
        if let first = idle.first(where: isSpare) ?? idle.first { dismiss(first) }
        return false
    }

    private func guests(of digest: String) -> [Guest] {
        guests.values.filter { $0.digest == digest && $0.spec != .probe }
    }

    private func usable(_ id: GuestSpecID) -> Int {
        guests.values.count { $0.spec == id && $0.isUsable }
    }
}

extension Guest {
    fileprivate var isEnding: Bool { phase == .leaving || isDoomed }
    /// Its end is the host's wish.
    var wasLetGo: Bool { phase == .leaving || phase == .doomed(.late) || phase == .doomed(.stopped) }
}
