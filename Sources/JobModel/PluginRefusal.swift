/// Why what was asked about a plugin is not done.
package enum PluginRefusal: Error, Hashable, Sendable {
    case unknownPlugin(String, known: [String])
    /// It is known, and none of its versions is in use.
    case notInUse(String)
    /// There is no earlier version to go back to.
    case nothingBefore(String, version: String)
    /// The version to be left is not the active one any more.
    case notActive(String)
    /// Another version is kept, and its copy cannot be used.
    case lostCopy(String, reason: String)
    case notADigest(String)
    /// The configuration allows it, and only a change there forbids it.
    case allowedByConfiguration(String)
    case notAllowed(String)
    /// It could not be written down, so that the next host would not know.
    case notKept(reason: String)
    case stopping
}
