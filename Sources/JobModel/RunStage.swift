/// Which part of a map and reduce a run is, or is at. Stored as these integers, which are those of `BERTH_STAGE_…` in
/// `berth_plugin.h`.
package enum RunStage: Int, Hashable, Sendable, CaseIterable {
    /// A run like any other. A processor may emit children in it.
    case root = 1
    /// Was emitted by another run.
    case child = 2
    /// Its root stage emitted children: it waits for their ends, then goes on with their results.
    case reduce = 3

    package var word: String {
        switch self {
        case .root: "root"
        case .child: "child"
        case .reduce: "reduce"
        }
    }
}
