import GuestPool
import JobModel
import PluginCatalog

extension CatalogComponent {
    /// What its attempts may use before their jobs say something.
    func limits(_ surroundings: Surroundings) -> AttemptLimits {
        let settings = surroundings.settings(of: name)
        return AttemptLimits.standard
            .tightened(by: descriptor.limits)
            .replaced(by: settings.limits)
            .replaced(by: settings.componentLimits[name.component])
    }
}

extension AttemptOrder {
    /// Takes those limits that are the attempt's own; the others are its guest's.
    mutating func set(_ allowed: AttemptLimits, _ policy: RunPolicy) {
        let limits = allowed.tightened(by: policy.limits)
        limit = Self.smaller(limits.wall, policy.timeout)
        longestLimit = allowed.wall
        cpuLimit = limits.cpu
        if let longest = limits.grace { grace = min(grace, longest) }
        outputLimit = UInt32(clamping: limits.output ?? UInt64(outputLimit))
        logLimit = limits.log ?? logLimit
    }

    private static func smaller(_ one: Duration?, _ other: Duration?) -> Duration? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}

extension GuestLimits {
    /// Those that hold a whole guest.
    init(_ limits: AttemptLimits) {
        self.init(
            memoryBytes: limits.memory ?? 0, fileBytes: limits.fileSize ?? 0, scratchBytes: limits.scratch ?? 0,
            openFiles: limits.openFiles ?? 0, processes: limits.processes ?? 0)
    }
}
