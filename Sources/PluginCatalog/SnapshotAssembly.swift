import JobModel

extension CatalogState {
    /// What all files together offer. `folder` is the plugins folder, whose files the records name.
    func snapshot(folder: String) -> CatalogSnapshot {
        let winners = activeNames()
        var snapshot = CatalogSnapshot(isComplete: isComplete)
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let winner = entry.good.flatMap { winners[$0.descriptor.id] }
            snapshot.plugins += records(entry, name: name, path: "\(folder)/\(name)", winner: winner)
            if winner == name, let good = entry.good { snapshot.add(good) }
        }
        return snapshot
    }

    /// The file name whose plugin is active, by plugin id.
    private func activeNames() -> [String: String] {
        var best: [String: (name: String, plugin: GoodPlugin)] = [:]
        for (name, entry) in entries {
            guard let good = entry.good else { continue }
            if let other = best[good.descriptor.id], !good.isAhead(of: other.plugin) { continue }
            best[good.descriptor.id] = (name, good)
        }
        return best.mapValues(\.name)
    }

    private func records(_ entry: CatalogEntry, name: String, path: String, winner: String?) -> [PluginRecord] {
        let good = entry.good.map { good in
            let reason = winner == name ? nil : winner.flatMap { shadowReason(good, by: $0) }
            return PluginRecord(
                path: path, digest: good.file.digest, state: winner == name ? .active : .shadowed, reason: reason,
                descriptor: good.descriptor, arrivedAt: good.arrivedAt)
        }
        let newest: PluginRecord? =
            switch entry.newest {
            case .good: nil
            case .checking(let digest):
                PluginRecord(path: path, digest: digest, state: .checking, arrivedAt: entry.arrivedAt)
            case .rejected(let rejection, let digest):
                PluginRecord(
                    path: path, digest: digest, state: .rejected, reason: reason(rejection, still: good),
                    arrivedAt: entry.arrivedAt)
            }
        return [good, newest].compactMap(\.self)
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

extension CatalogSnapshot {
    fileprivate mutating func add(_ plugin: GoodPlugin) {
        for (index, component) in plugin.descriptor.components.enumerated() {
            guard let name = ComponentName(plugin: plugin.descriptor.id, component: component.id) else { continue }
            components[name] = CatalogComponent(
                name: name, digest: plugin.file.digest, library: plugin.file.library, index: UInt32(index),
                descriptor: component, schema: plugin.schemas[index])
        }
    }

    /// The digests that are in use.
    var activeDigests: Set<String> {
        Set(plugins.lazy.filter { $0.state == .active }.map(\.digest))
    }
}
