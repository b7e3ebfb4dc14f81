import GuestPool
import JobModel

/// What the hot state needs from outside and cannot be told by an event. None of it reads a clock.
struct Surroundings {
    /// The pool's id of a spec.
    var intern: (GuestSpec) -> GuestSpecID
    /// The rules of an IANA zone; nil when there is no such zone.
    var zones: (String) -> ZoneRules?
    /// Slots of a queue nobody has set.
    var slots: Int
    var drain: Duration
    /// What the operator says about plugins, by id.
    var plugins: [String: PluginSettings] = [:]
    /// What holds for the plugins about which the operator says nothing.
    var otherPlugins = PluginSettings()
    /// Where the operator says it; nil: on a command line.
    var settingsFile: String?
    /// What the configuration says of queues.
    var queues: [(name: String, change: QueueChange)] = []
    /// Runs of a lane held in memory.
    var laneCapacity = 4096
    /// Whether schedules fire to begin with.
    var schedules = ScheduleActivity.running
}
