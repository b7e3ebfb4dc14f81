import JobModel

extension CatalogState {
    /// Carries an order out, or refuses it, or lets it wait for a kept version to be read.
    mutating func take(_ order: CatalogOrder, _ ticket: OrderTicket, at now: Instant) -> [Command] {
        do throws(PluginRefusal) {
            switch order {
            case .disable(let id, let ruling):
                try demand(id)
                decisions.disabled[id] = decisions.disabled[id] ?? ruling
            case .enable(let id):
                try demand(id)
                decisions.disabled[id] = nil
            case .goBack(let id, let from, let ruling):
                if let recall = try goBack(id, from: from, ruling, at: now) { return wait(for: recall, order, ticket) }
            case .release(let id):
                return try release(id) + [.answer(ticket, nil)]
            case .allow(let digest, let ruling):
                guard Digest.isDigest(digest) else { throw .notADigest(digest) }
                decisions.allowed[digest] = ruling
                return stageAgain { $0 == .notAllowed(digest: digest) } + [.answer(ticket, nil)]
            case .forbid(let digest):
                try forbid(digest)
            }
            return [.answer(ticket, nil)]
        } catch {
            return [.answer(ticket, error)]
        }
    }

    private func demand(_ id: String) throws(PluginRefusal) {
        guard decisions.lineages[id] == nil, decisions.disabled[id] == nil else { return }
        throw .unknownPlugin(id, known: decisions.lineages.keys.sorted())
    }

    /// Sets the active version aside. Gives the version that has to be read first, if it has to.
    private mutating func goBack(
        _ id: String, from: String?, _ ruling: Ruling, at now: Instant
    ) throws(PluginRefusal) -> Generation? {
        try demand(id)
        guard let plugin = active[id] else { throw .notInUse(id) }
        let digest = plugin.file.digest
        guard from == nil || from == digest else { throw .notActive(id) }
        let aside = SetAside(plugin: id, version: plugin.descriptor.version, ruling: ruling)
        let before = decisions.lineages[id]?.generations.dropLast() ?? []
        guard let target = before.last(where: { mayUse($0.digest) }) else {
            throw .nothingBefore(id, version: plugin.descriptor.version)
        }
        // Another file may hold what one goes back to; else its copy is needed.
        let isInFolder = entries.values.contains { $0.good?.file.digest == target.digest }
        guard isInFolder || spare[target.digest] != nil else { return target }
        decisions.setAside[digest] = aside
        return nil
    }

    private mutating func wait(for recall: Generation, _ order: CatalogOrder, _ ticket: OrderTicket) -> [Command] {
        waitingOrders[recall.digest, default: []].append((order, ticket))
        return recalls.insert(recall.digest).inserted ? [.recall(recall)] : []
    }

    /// By the id of a plugin, or by the name of a file that was rejected.
    private mutating func release(_ name: String) throws(PluginRefusal) -> [Command] {
        if entries[name] == nil { try demand(name) }
        decisions.setAside = decisions.setAside.filter { $0.value.plugin != name }
        return stageAgain(name: name) { rejection in if case .probe = rejection { true } else { false } }
    }

    private mutating func forbid(_ digest: String) throws(PluginRefusal) {
        guard !policy.allowed.contains(digest) else { throw .allowedByConfiguration(digest) }
        guard decisions.allowed.removeValue(forKey: digest) != nil else { throw .notAllowed(digest) }
        guard policy.mode == .enforce else { return }
        for name in entries.keys { entries[name]?.revoke(.notAllowed(digest: digest), digest: digest) }
    }

    private mutating func stageAgain(name wanted: String? = nil, where matches: (Rejection) -> Bool) -> [Command] {
        let names = entries.filter { name, entry in
            guard wanted == nil || wanted == name, case .rejected(let rejection, _) = entry.newest else { return false }
            return matches(rejection)
        }.keys
        return names.sorted().flatMap { stageAgain($0) }
    }

    func standing(of id: String) -> PluginStanding { decisions.standing(of: id) }
}
