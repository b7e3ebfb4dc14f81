/// Which plugin files may be used at all, as the operator says it.
package struct PluginPolicy: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Every file that passes the checks.
        case off
        /// Those too that are on no list, with a warning.
        case warn
        /// Only listed digests, from a folder and files that nobody else can write to.
        case enforce
    }

    package var mode: Mode
    /// SHA-256 in lower-case hex, beside those that were allowed while a host ran.
    package var allowed: Set<String>

    package init(mode: Mode = .off, allowed: Set<String> = []) {
        self.mode = mode
        self.allowed = allowed
    }

    package static func isDigest(_ text: String) -> Bool { Digest.isDigest(text) }
}
