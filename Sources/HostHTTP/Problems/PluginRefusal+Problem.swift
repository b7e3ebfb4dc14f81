import JobModel

// The one place where what the catalog refuses gets its words, code and status.
extension Problem {
    init(_ refusal: PluginRefusal) {
        switch refusal {
        case .unknownPlugin(let id, let known):
            self.init(
                .pluginNotFound, "There is no plugin \"\(id.excerpt)\". \(Spelling.sentence(for: id, among: known))")
        case .notInUse(let id):
            self.init(
                .pluginState,
                "No version of \(id) is in use, so that there is none to go back from. `berth plugin show \(id)` says why, and "
                    + "which copies are kept.")
        case .nothingBefore(let id, let version):
            self.init(
                .pluginState,
                "There is no version of \(id) before \(version) to go back to: none was in use on this host, or it was "
                    + "set aside too. `berth plugin show \(id)` lists what is kept.")
        case .notActive(let id):
            self.init(.pluginState, "That version of \(id) is not the active one any more; nothing was changed.")
        case .lostCopy(let digest, let reason):
            self.init(
                .pluginState, "The copy that was kept, \(digest)…, cannot be used: \(reason). Copy its file here again."
            )
        case .notADigest(let text):
            self.init(
                .invalidField,
                "\"\(text.excerpt)\" is no digest: it must be the 64 digits of a SHA-256 in lower-case hex, as "
                    + "sha256sum prints them.", field: "digest", value: text)
        case .allowedByConfiguration(let digest):
            self.init(.pluginState, "\(digest) is allowed by plugin_policy in the configuration; change it there.")
        case .notAllowed(let digest):
            self.init(.pluginState, "\(digest) is not on the list of allowed plugins; nothing was changed.")
        case .notKept(let reason):
            self.init(
                .storeFailing,
                "It is in force until this host ends, and could not be written down for the next: \(reason).")
        case .stopping:
            self.init(.stopping, "The host is shutting down; ask again when it is back.")
        }
    }
}
