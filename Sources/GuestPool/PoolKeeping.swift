import Logging

/// How many guests of a spec there are to be.
extension PoolLoop {
    /// Starts what is missing of the guests that are kept ready.
    func keepWarm() {
        guard !warm.ids.isEmpty, !isStopping else { return }
        for id in warm.ids {
            guard let spec = id.spec, usable(id) < spec.keeping.minimum, mayStart(spec.keeping, id) else {
                continue
            }
            do throws(ProbeFailure) {
                _ = try spawn(spec, id, loadTime: Self.loadTime)
            } catch {
                logger.info("guest could not be started", metadata: ["reason": "\(error.words)"])
                warm.remove(id)
            }
        }
    }

    /// Whether a guest may go without being missed.
    func isSpare(_ guest: Guest) -> Bool {
        guest.keeping.minimum == 0 || retired.contains(guest.digest) || warm.hasDropped(guest.spec)
            || usable(guest.spec) > guest.keeping.minimum
    }

    /// Whether one more may be started; makes room by letting go of an idle one that did not suit.
    func mayStart(_ keeping: GuestKeeping, _ id: GuestSpecID) -> Bool {
        if keeping.minimum > 0, keeping.isolation == .pool, !isRetired(id) { warm.insert(id) }
        guard keeping.maximum > 0 else { return true }
        let all = guests.values.filter { $0.spec == id }
        if all.count >= keeping.maximum, let idle = all.first(where: { $0.isIdle && $0.isVacant }) { dismiss(idle) }
        return all.count < keeping.maximum
    }

    func warm(_ id: GuestSpecID) {
        if let digest = id.spec?.digest { retired.remove(digest) }
        warm.insert(id)
    }

    /// Forgets those that were retired before and of which no guest is left.
    func noteRetired(_ digest: String) {
        retired = retired.filter { old in guests.values.contains { $0.digest == old } }
        retired.insert(digest)
        for id in warm.ids where isRetired(id) { warm.remove(id) }
    }

    private func isRetired(_ id: GuestSpecID) -> Bool { id.spec.map { retired.contains($0.digest) } ?? false }

    private func usable(_ id: GuestSpecID) -> Int {
        guests.values.count { $0.spec == id && $0.isUsable }
    }
}
