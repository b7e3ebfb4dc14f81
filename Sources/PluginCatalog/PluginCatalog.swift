package import GuestPool
import JobModel
package import Logging

/// Watches the plugins folder, copies what appears there into the staged folder by digest, checks and probes it, and
/// says what can be run. Never maps a plugin into this process.
package final class PluginCatalog: Sendable {
    /// `folder` is created when missing.
    package init(folder: String, staged: String, pool: GuestPool, logger: Logger) throws(CatalogError) {
        fatalError("stub")
    }

    /// Scans, then watches until the task is cancelled.
    package func run() async {
        fatalError("stub")
    }

    /// Waits until every file that was in the folder when `run` began has been judged.
    package func firstScan() async {
        fatalError("stub")
    }

    package var snapshot: CatalogSnapshot { fatalError("stub") }

    /// The current snapshot, then each new one.
    package func snapshots() -> AsyncStream<CatalogSnapshot> {
        fatalError("stub")
    }
}

package enum CatalogError: Error, Hashable, Sendable {
    case folder(path: String, reason: String)
}
