import JobModel

/// What happened to a file name in the plugins folder.
enum FolderEvent: Hashable, Sendable {
    /// Something of that name is there and may still be written.
    case appeared(String, FileStamp)
    /// Nobody seems to write to it: judge it. `mayBeKnown`: its stamp tells whether its bytes are new.
    case ready(String, FileStamp, mayBeKnown: Bool)
    case gone(String)
    /// Who may write to the folder, or to what leads there, may be another than before.
    case otherHands
    /// The first look at the folder is complete; everything in it was named by events before.
    case looked
}

/// Decides when a file may be taken, from close and rename events and from looks at the whole folder. Pure.
///
/// A closed or renamed-in file is taken at once. One that only a look found is taken when it has rested: when it was last
/// written half a second ago or earlier, or when two looks half a second apart saw the same stamp.
struct FolderView {
    static let rest = Duration.milliseconds(500)

    private enum Sight {
        /// Made while we watched: its close is to come, and a later look will see to it if none does.
        case open
        case resting(FileStamp, since: ContinuousClock.Instant)
        case taken(FileStamp)
    }

    private var sights: [String: Sight] = [:]
    private var hasLooked = false
    private var fault: Rejection?

    static func isCandidate(_ name: String) -> Bool {
        name.hasSuffix(".so") && !name.hasPrefix(".")
    }

    /// Whether something has yet to rest, so that another look is due soon.
    var isWaiting: Bool {
        sights.values.contains { if case .resting = $0 { true } else { false } }
    }

    /// The writer closed the file, or it was renamed to this name.
    mutating func closed(_ name: String, _ stamp: FileStamp) -> [FolderEvent] {
        sights[name] = .taken(stamp)
        return [.ready(name, stamp, mayBeKnown: false)]
    }

    /// A file was made to be written to.
    mutating func opened(_ name: String, _ stamp: FileStamp) -> [FolderEvent] {
        sights[name] = .open
        return [.appeared(name, stamp)]
    }

    /// Its mode, owner or times were changed. One that is being written has its close to come.
    mutating func touched(
        _ name: String, _ stamp: FileStamp, at now: ContinuousClock.Instant, wall: Instant
    ) -> [FolderEvent] {
        if case .open = sights[name] { return [] }
        return saw(name, stamp, at: now, wall: wall)
    }

    mutating func removed(_ name: String) -> [FolderEvent] {
        sights.removeValue(forKey: name) == nil ? [] : [.gone(name)]
    }

    /// A look at the whole folder. Events come in the order in which the files changed. `fault`: what speaks against the
    /// folder and those above it.
    mutating func looked(
        _ found: [String: FileStamp], fault: Rejection? = nil, at now: ContinuousClock.Instant, wall: Instant
    ) -> [FolderEvent] {
        let missing = sights.keys.filter { found[$0] == nil }.sorted()
        var events = missing.flatMap { removed($0) }
        for (name, stamp) in found.sorted(by: { ($0.value.changed, $0.key) < ($1.value.changed, $1.key) }) {
            events += saw(name, stamp, at: now, wall: wall)
        }
        if !hasLooked { events.append(.looked) }
        if hasLooked, fault != self.fault { events.append(.otherHands) }
        (hasLooked, self.fault) = (true, fault)
        return events
    }

    /// One name of a look.
    mutating func saw(
        _ name: String, _ stamp: FileStamp, at now: ContinuousClock.Instant, wall: Instant
    ) -> [FolderEvent] {
        switch sights[name] {
        case .taken(stamp): return []
        case .resting(stamp, let since) where now - since < Self.rest: return []
        case .resting(stamp, _): return take(name, stamp)
        case _ where !stamp.isFile || wall - stamp.modifiedAt >= Self.rest: return take(name, stamp)
        default: return rest(name, stamp, at: now)
        }
    }

    private mutating func take(_ name: String, _ stamp: FileStamp) -> [FolderEvent] {
        sights[name] = .taken(stamp)
        return [.ready(name, stamp, mayBeKnown: true)]
    }

    private mutating func rest(_ name: String, _ stamp: FileStamp, at now: ContinuousClock.Instant) -> [FolderEvent] {
        let isNew = sights.updateValue(.resting(stamp, since: now), forKey: name) == nil
        return isNew ? [.appeared(name, stamp)] : []
    }
}
