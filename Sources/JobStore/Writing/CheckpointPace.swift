/// Guesses when the write-ahead log holds enough pages for a checkpoint. SQLite tells the true number only when one is
/// made, so the guess learns from each.
struct CheckpointPace {
    /// Pages in the log at which a checkpoint is worth its two syncs: 16 MiB.
    static let target = 4_096

    private var mutations = 0
    private var commits = 0
    private var pagesPerUnit = 1.0

    mutating func committed(_ count: Int) {
        mutations += count
        commits += 1
    }

    var isDue: Bool { units * pagesPerUnit >= Double(Self.target) }

    mutating func checkpointed(frames: Int) {
        if frames > 0 {
            // Held within what a mutation can do, so that one odd measurement cannot stop checkpoints.
            pagesPerUnit = min(max(Double(frames) / units, 0.05), 8)
        }
        mutations = 0
        commits = 0
    }

    /// A commit alone touches a handful of pages, whatever is in it.
    private var units: Double { Double(mutations + 4 * commits) }
}
