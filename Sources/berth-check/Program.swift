import CBerthPlugin
import CCheckShims
import CGuestWire
import CGuestWire.Shims

/// Makes one check of one library and says what it found. `berth plugin check` starts one such process for each check.
@main enum Program {
    static func main() {
        guard let order = Order.received() else { _exit(ExitCode.breach) }
        Report.open()
        Traces.prepare()
        guest_ignore(SIGPIPE)
        guest_die_by_signals(nil)
        _ = (FakeHost.attempts.count, FakeHost.breaches, FakeHost.store)
        let state = check_open_state("kv.state")
        enterSandbox(order)
        Report.end(Checklist.make(order, state: state))
    }

    /// The guest's own: a check is no way around it.
    private static func enterSandbox(_ order: Order) {
        var limits = gw_setup()
        limits.wanted = order.sandbox
        limits.grants = order.grants
        limits.memory_bytes = order.memory
        limits.file_bytes = 1 << 30
        limits.open_files = 256
        let writable = UInt8(GW_ACCESS_READ | GW_ACCESS_WRITE)
        let readable = UInt8(GW_ACCESS_READ | GW_ACCESS_EXECUTE)
        let places =
            [
                SetupOrder.Place(access: writable, path: order.scratch),
                SetupOrder.Place(access: readable, path: order.library),
            ] + order.readable.map { SetupOrder.Place(access: UInt8(GW_ACCESS_READ), path: $0) }
        do throws(GuestFailure) {
            _ = try Sandbox.enter(SetupOrder(limits: limits, places: places)).get()
            try ProcessLimits.applyToDescriptors(limits)
        } catch {
            Report.broken(Words(error.text.bytes))
        }
    }
}
