package import JobModel

extension CatalogSnapshot {
    /// What the files in the plugins folder hold of a plugin, and what they hold instead of it: records with its id, and
    /// those of content that nobody could read, or has yet, in a file that holds or last held it.
    package func records(of id: String) -> [PluginRecord] {
        let own = plugins.filter { $0.descriptor?.id == id }
        let files = Set(own.map(\.path))
        let lastFile = standings[id]?.lineage.current?.file
        let strangers = Set(plugins.filter { $0.descriptor != nil && $0.descriptor?.id != id }.map(\.path))
        return plugins.filter { record in
            if let descriptor = record.descriptor { return descriptor.id == id }
            if files.contains(record.path) { return true }
            return record.fileName == lastFile && !strangers.contains(record.path)
        }
    }

    /// Of a file in the plugins folder: first what is used of it, if anything is.
    package func records(ofFile name: String) -> [PluginRecord] {
        let found = plugins.filter { $0.fileName == name }
        return found.filter(\.isInUse) + found.filter { !$0.isInUse }
    }

    /// The plugin whose file this is, or was when it was last in use.
    package func owner(ofFile name: String) -> String? {
        if let id = records(ofFile: name).lazy.compactMap(\.descriptor?.id).first { return id }
        return standings.filter { $0.value.lineage.current?.file == name && $0.value.lineage.goneSince == nil }.keys
            .min()
    }
}
