import JobModel

extension CatalogState {
    /// What all files together offer. `folder` is the plugins folder, whose files the records name.
    func snapshot(folder: String) -> CatalogSnapshot {
        var snapshot = CatalogSnapshot(isComplete: isComplete)
        snapshot.allowed = decisions.allowed
        let winners = winners
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let winner = entry.good.flatMap { winners[$0.descriptor.id] }
            snapshot.plugins += records(entry, name: name, path: "\(folder)/\(name)", winner: winner)
        }
        for (id, plugin) in active {
            snapshot.add(plugin, disabled: decisions.disabled[id])
            if winners[id] == nil { snapshot.plugins.append(recalledRecord(plugin, id, folder: folder)) }
        }
        addStandings(to: &snapshot)
        return snapshot
    }

    /// The file name whose plugin is active, by plugin id; those whose active version no file holds are left out.
    private var winners: [String: String] {
        var names: [String: String] = [:]
        for (name, entry) in entries {
            guard let good = entry.good, let plugin = active[good.descriptor.id], plugin.ticket == good.ticket,
                plugin.file.digest == good.file.digest
            else { continue }
            names[good.descriptor.id] = name
        }
        return names
    }

    private func addStandings(to snapshot: inout CatalogSnapshot) {
        var aside: [String: [String: SetAside]] = [:]
        for (digest, one) in decisions.setAside { aside[one.plugin, default: [:]][digest] = one }
        for (id, lineage) in decisions.lineages {
            snapshot.standings[id] = PluginStanding(
                lineage: lineage, setAside: aside[id] ?? [:], disabled: decisions.disabled[id],
                forbidden: Set(lineage.generations.map(\.digest).filter { !isPermitted($0) }))
        }
    }

    /// Of a version that is used although no file holds it.
    private func recalledRecord(_ plugin: GoodPlugin, _ id: String, folder: String) -> PluginRecord {
        let file = decisions.lineages[id]?.current?.file ?? ""
        return PluginRecord(
            path: "\(folder)/\(file)", digest: plugin.file.digest,
            state: decisions.disabled[id] == nil ? .active : .disabled,
            reason: "the copy that was kept of version \(plugin.descriptor.version) is used",
            descriptor: plugin.descriptor, arrivedAt: plugin.arrivedAt)
    }

    private func records(_ entry: CatalogEntry, name: String, path: String, winner: String?) -> [PluginRecord] {
        let good = entry.good.map { good in
            let (state, reason) = verdict(on: good, name: name, winner: winner)
            return PluginRecord(
                path: path, digest: good.file.digest, state: state, reason: reason, warning: entry.warning?.sentence,
                descriptor: good.descriptor, arrivedAt: good.arrivedAt)
        }
        let newest: PluginRecord? =
            switch entry.newest {
            case .good: nil
            case .checking(let digest):
                PluginRecord(
                    path: path, digest: digest, state: .checking, reason: entry.delay, arrivedAt: entry.arrivedAt)
            case .rejected(let rejection, let digest):
                PluginRecord(
                    path: path, digest: digest, state: .rejected, reason: reason(rejection, still: good),
                    arrivedAt: entry.arrivedAt)
            }
        return [good, newest].compactMap(\.self)
    }

    private func verdict(
        on good: GoodPlugin, name: String, winner: String?
    ) -> (state: PluginRecord.State, reason: String?) {
        if let aside = decisions.setAside[good.file.digest] { return (.setAside, aside.sentence) }
        if let winner, winner != name { return (.shadowed, shadowReason(good, by: winner)) }
        guard let ruling = decisions.disabled[good.descriptor.id] else { return (.active, nil) }
        return (.disabled, ruling.disabledSentence)
    }

    private func reason(_ rejection: Rejection, still good: PluginRecord?) -> String {
        guard let good, good.state == .active, let version = good.descriptor?.version else { return rejection.sentence }
        return "\(rejection.sentence); still running version \(version) from before"
    }

    private func shadowReason(_ loser: GoodPlugin, by name: String) -> String? {
        guard let winner = entries[name]?.good else { return nil }
        let version = winner.descriptor.version
        return winner.version == loser.version
            ? "version \(version) in \(name) came later and is active instead"
            : "the higher version \(version) in \(name) is active instead"
    }
}

extension SetAside {
    /// Why the version is not used.
    package var sentence: String {
        "version \(version) was set aside by \(ruling.by)" + (ruling.reason.map { ": \($0)" } ?? "")
    }
}

extension Ruling {
    /// Why a plugin is not used.
    package var disabledSentence: String { "disabled by \(by)" + (reason.map { ": \($0)" } ?? "") }
}

extension CatalogSnapshot {
    fileprivate mutating func add(_ plugin: GoodPlugin, disabled: Ruling?) {
        for (index, component) in plugin.descriptor.components.enumerated() {
            guard let name = ComponentName(plugin: plugin.descriptor.id, component: component.id) else { continue }
            components[name] = CatalogComponent(
                name: name, file: plugin.file, index: index, descriptor: component, schema: plugin.schemas[index],
                hold: disabled?.disabledSentence)
        }
    }
}
