import CBerthPlugin
import CGuestWire

/// How far one attempt was asked to end, and which plugin functions have yet to be told.
struct StopState {
    /// What on_cancel registered.
    typealias Function = @convention(c) (UnsafeMutableRawPointer?, Int32) -> Void

    /// The plugin's object that is alive and may be told.
    struct Instance {
        var pointer: UnsafeMutableRawPointer?
        var processorStop: (@convention(c) (UnsafeMutableRawPointer?, Int32) -> Void)?
        var runnerStop: (@convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32)?
        var runnerKill: (@convention(c) (UnsafeMutableRawPointer?) -> Int32)?
    }

    /// One call to make.
    enum Delivery {
        case function(Function, user: UnsafeMutableRawPointer?)
        case processorStop(Instance)
        case runnerStop(Instance)
        case runnerKill(Instance)
    }

    /// 0, or one of GW_CANCEL_….
    private(set) var level: UInt32 = 0
    private(set) var reason: Int32 = 0

    var function: Function?
    var user: UnsafeMutableRawPointer?
    var instance: Instance?
    /// A delivery is under way; the attempt must not end yet.
    var isDelivering = false

    private var functionLevel: UInt32 = 0
    private var instanceLevel: UInt32 = 0

    /// Remembers the ask; false when as much was asked before.
    mutating func raise(to level: UInt32, reason: Int32) -> Bool {
        guard level > self.level else { return false }
        self.level = level
        self.reason = reason
        return true
    }

    var hasWork: Bool {
        (function != nil && functionLevel < level) || (instance != nil && instanceLevel < level)
    }

    /// The next call to make, each once for each level.
    mutating func next() -> Delivery? {
        if let function, functionLevel < level {
            functionLevel += 1
            return .function(function, user: user)
        }
        while let instance, instanceLevel < level {
            instanceLevel += 1
            let isLast = instanceLevel == GW_CANCEL_LAST_CALL
            if !isLast, instance.processorStop != nil { return .processorStop(instance) }
            if !isLast, instance.runnerStop != nil { return .runnerStop(instance) }
            if isLast, instance.runnerKill != nil { return .runnerKill(instance) }
        }
        return nil
    }
}
