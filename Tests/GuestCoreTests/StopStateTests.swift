import CGuestWire
import Testing

struct StopStateTests {
    @Test func `An ask is remembered once and a lower one changes nothing`() {
        var stop = StopState()
        let first = stop.raise(to: GW_CANCEL_LAST_CALL, reason: 2)
        let second = stop.raise(to: GW_CANCEL_ASK, reason: 3)
        #expect(first)
        #expect(!second)
        #expect(stop.level == GW_CANCEL_LAST_CALL)
        #expect(stop.reason == 2)
    }

    @Test func `The cancel function is called at the ask and at the last call`() {
        var stop = StopState()
        stop.function = { _, _ in }
        #expect(!stop.hasWork)
        _ = stop.raise(to: GW_CANCEL_ASK, reason: 1)
        #expect(names(&stop) == ["function"])
        #expect(!stop.hasWork)
        _ = stop.raise(to: GW_CANCEL_LAST_CALL, reason: 1)
        #expect(names(&stop) == ["function"])
    }

    @Test func `A runner is stopped at the ask and killed at the last call`() {
        var stop = StopState()
        _ = stop.raise(to: GW_CANCEL_ASK, reason: 1)
        #expect(names(&stop) == [])
        stop.instance = StopState.Instance(runnerStop: { _, _ in 0 }, runnerKill: { _ in 0 })
        #expect(stop.hasWork)
        #expect(names(&stop) == ["runnerStop"])
        _ = stop.raise(to: GW_CANCEL_LAST_CALL, reason: 1)
        #expect(names(&stop) == ["runnerKill"])
    }

    @Test func `Both calls come when the last call arrives first`() {
        var stop = StopState()
        stop.instance = StopState.Instance(runnerStop: { _, _ in 0 }, runnerKill: { _ in 0 })
        _ = stop.raise(to: GW_CANCEL_LAST_CALL, reason: 1)
        #expect(names(&stop) == ["runnerStop", "runnerKill"])
    }

    @Test func `A processor is stopped once and functions that are null are skipped`() {
        var stop = StopState()
        stop.instance = StopState.Instance(processorStop: { _, _ in })
        _ = stop.raise(to: GW_CANCEL_ASK, reason: 1)
        #expect(names(&stop) == ["processorStop"])
        _ = stop.raise(to: GW_CANCEL_LAST_CALL, reason: 1)
        #expect(names(&stop) == [])
    }

    private func names(_ stop: inout StopState) -> [String] {
        var names: [String] = []
        while let delivery = stop.next() {
            switch delivery {
            case .function: names.append("function")
            case .processorStop: names.append("processorStop")
            case .runnerStop: names.append("runnerStop")
            case .runnerKill: names.append("runnerKill")
            }
        }
        return names
    }
}
