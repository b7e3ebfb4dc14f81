import GuestPool
import JobModel

extension CatalogState {
    /// Chooses what each plugin's components come from, after what was taken in, and notes new generations. Done before
    /// each snapshot.
    mutating func choose(at now: Instant) -> [Command] {
        let (chosen, wanted) = choices()
        for (id, choice) in chosen {
            var lineage = decisions.lineages[id] ?? Lineage()
            if lineage.goneSince != nil { lineage.goneSince = nil }
            if lineage.current?.digest != choice.plugin.file.digest {
                if let before = active[id], before.file.digest == lineage.current?.digest {
                    spare[before.file.digest] = before
                }
                lineage.activate(
                    digest: choice.plugin.file.digest, version: choice.plugin.descriptor.version, file: choice.file,
                    at: now)
            }
            if decisions.lineages[id] != lineage { decisions.lineages[id] = lineage }
        }
        if isComplete { noteGone(at: now) }
        active = chosen.mapValues(\.plugin)
        let kept = decisions.digests
        spare = spare.filter { kept.contains($0.key) }
        return wanted.filter { recalls.insert($0.digest).inserted }.map(Command.recall)
    }

    /// Of files with one plugin id the one that is ahead. Where all were set aside, the newest that may be used and
    /// whose copy is kept; where the file was replaced by one that is rejected, what it held before. `wanted` are those of
    /// them that have to be read first.
    private func choices() -> (chosen: [String: (file: String, plugin: GoodPlugin)], wanted: [Generation]) {
        var chosen: [String: (file: String, plugin: GoodPlugin)] = [:]
        var setAside: Set<String> = []
        for (name, entry) in entries {
            guard let good = entry.good else { continue }
            let id = good.descriptor.id
            guard mayUse(good.file.digest) else {
                setAside.insert(id)
                continue
            }
            if let other = chosen[id], !good.isAhead(of: other.plugin) { continue }
            chosen[id] = (name, good)
        }
        var wanted: [Generation] = []
        let kept = setAside.compactMap { id in newestKept(of: id).map { (id, $0) } } + heldBefore()
        for (id, kept) in kept where chosen[id] == nil {
            if let plugin = spare[kept.digest] { chosen[id] = (kept.file, plugin) } else { wanted.append(kept) }
        }
        return (chosen, wanted)
    }

    /// The versions of which an earlier host saw the file, whose bytes of today are rejected.
    private func heldBefore() -> [(id: String, kept: Generation)] {
        decisions.lineages.compactMap { id, lineage in
            guard lineage.goneSince == nil, let current = lineage.current, mayUse(current.digest),
                let entry = entries[current.file], entry.good == nil, case .rejected = entry.newest
            else { return nil }
            return (id, current)
        }
    }

    func newestKept(of id: String) -> Generation? {
        decisions.lineages[id]?.generations.last { mayUse($0.digest) }
    }

    private mutating func noteGone(at now: Instant) {
        let there = Set(entries.values.compactMap { $0.good?.descriptor.id })
        for (id, lineage) in decisions.lineages where lineage.goneSince == nil && !there.contains(id) {
            // A file of that name is there and not usable, or not judged yet: it says itself what it is.
            if let file = lineage.current?.file, let entry = entries[file], entry.good == nil { continue }
            decisions.lineages[id]?.goneSince = now
        }
    }

    /// A kept version was read, or cannot be used.
    mutating func recalled(
        _ digest: String, _ result: Result<GoodPlugin, Rejection>, at now: Instant
    ) -> [Command] {
        let orders = waitingOrders.removeValue(forKey: digest) ?? []
        if case .failure(.probe(let failure)) = result, failure.isCircumstance {
            return refuse(orders, digest, .probe(failure)) + recallLater(digest)
        }
        recalls.remove(digest)
        lostRecalls[digest] = nil
        switch result {
        case .success(let plugin):
            spare[digest] = plugin
            return orders.flatMap { take($0.order, $0.ticket, at: now) }
        case .failure(let rejection):
            for id in decisions.lineages.keys { decisions.lineages[id]?.forget(digest) }
            return refuse(orders, digest, rejection)
        }
    }

    /// The version is not to blame: it stays kept, and is read again after a second, then two, and so on up to a minute.
    private mutating func recallLater(_ digest: String) -> [Command] {
        let kept = decisions.lineages.values.lazy.flatMap(\.generations).first { $0.digest == digest }
        guard let kept else {
            recalls.remove(digest)
            lostRecalls[digest] = nil
            return []
        }
        let losses = lostRecalls[digest, default: 0]
        lostRecalls[digest] = losses + 1
        return [.recallLater(kept, Self.delay(after: losses))]
    }

    private func refuse(
        _ orders: [(order: CatalogOrder, ticket: OrderTicket)], _ digest: String, _ rejection: Rejection
    ) -> [Command] {
        orders.map { .answer($0.ticket, .lostCopy(String(digest.prefix(12)), reason: rejection.sentence)) }
    }
}
