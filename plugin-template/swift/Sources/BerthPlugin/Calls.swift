import Synchronization

/// The calls that are under way, by context: who is to hear that an attempt is asked to end. The host gets a key into
/// this table and no object, so that an ask that comes late finds nothing instead of freed memory.
enum Calls {
    private struct Call {
        var asked: StopReason?
        var listeners: [@Sendable (StopReason) -> Void] = []
    }

    private static let table = Mutex<[UInt: Call]>([:])

    /// Before the call's own code. One attempt may be several calls; the host takes the first registration, which serves
    /// them all because the key is the same.
    static func begin(_ context: Context) {
        let key = UInt(bitPattern: context.handle)
        table.withLock { $0[key] = Call() }
        _ = context.host.pointee.on_cancel(
            context.handle, { user, reason in Calls.ask(UInt(bitPattern: user), StopReason(reason)) },
            UnsafeMutableRawPointer(context.handle))
        if context.cancellation != .none { ask(key, .cancel) }
    }

    static func end(_ context: Context) {
        _ = table.withLock { $0.removeValue(forKey: UInt(bitPattern: context.handle)) }
    }

    /// `body` hears every ask, also one that came before.
    static func listen(_ context: Context, _ body: @escaping @Sendable (StopReason) -> Void) {
        let asked = table.withLock { calls in
            calls[UInt(bitPattern: context.handle)]?.listeners.append(body)
            return calls[UInt(bitPattern: context.handle)]?.asked
        }
        if let asked { body(asked) }
    }

    private static func ask(_ key: UInt, _ reason: StopReason) {
        let listeners = table.withLock { calls in
            calls[key]?.asked = reason
            return calls[key]?.listeners ?? []
        }
        for listener in listeners { listener(reason) }
    }
}
