import JobModel

/// What somebody, or the host itself, wants done about a plugin.
enum CatalogOrder: Hashable, Sendable {
    /// Its components are no longer started.
    case disable(String, Ruling)
    case enable(String)
    /// Uses the version before. With a digest, only if that one is active.
    case goBack(String, from: String? = nil, Ruling)
    /// Lets all versions be used again that were set aside, and looks again at what was rejected.
    case release(String)
    case allow(String, Ruling)
    case forbid(String)
}
