import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// What happens before the first attempt.
enum LoadChecks {
    static func loadNow(_ order: Order) -> Verdict {
        var subject = Subject(order.library)
        if let why = subject.load() { return .fail(why) }
        return .pass
    }

    /// Microseconds from the call of dlopen to the descriptor.
    static func loadTime(_ order: Order) -> Verdict {
        var subject = Subject(order.library)
        let table = HostTable.ordinary()
        let began = guest_monotonic()
        if let why = subject.load() ?? subject.describe(table) { Report.broken(why) }
        return .value(UInt64((guest_monotonic() - began) / 1000))
    }

    static func loadQuiet(_ order: Order) -> Verdict {
        let folder = order.scratch.withUnsafeBytes {
            check_open_folder($0.assumingMemoryBound(to: CChar.self).baseAddress)
        }
        let changed = guest_changed_at(folder)
        let before = Traces.now()
        var subject = Subject(order.library)
        let table = HostTable.ordinary()
        if let why = subject.load() ?? subject.describe(table) ?? subject.start(order.configuration) {
            Report.broken(why)
        }
        guest_flush()
        let after = Traces.now()
        if check_file_size(1) > 0 { return .fail("loading it prints something") }
        if guest_changed_at(folder) != changed { return .fail("loading it makes files") }
        return compare(before, after)
    }

    private static func compare(_ before: Traces, _ after: Traces) -> Verdict {
        if after.threads > before.threads {
            return .fail("loading it starts \(after.threads - before.threads) threads")
        }
        if after.descriptors > before.descriptors {
            return .fail("loading it leaves \(after.descriptors - before.descriptors) descriptors open")
        }
        if after.children != before.children { return .fail("loading it starts a process") }
        if let signal = after.changedSignal(since: before) {
            return .fail("loading it changes what signal \(signal) does")
        }
        return .pass
    }

    static func foreignMajor(_ order: Order) -> Verdict {
        var subject = Subject(order.library)
        if let why = subject.load() { Report.broken(why) }
        guard let entry = subject.entry else { return .pass }
        let size = 1024
        let place = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        place.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        place.storeBytes(of: UInt32(size), as: UInt32.self)
        Report.doing("calling berth_plugin_v1 with a host of major version \(BERTH_ABI_MAJOR + 1)")
        let code = entry(HostTable.foreign(), place.assumingMemoryBound(to: berth_plugin.self))
        guard code == BERTH_UNSUPPORTED else { return .fail("answered \(code) instead of BERTH_UNSUPPORTED (250)") }
        let isUntouched = UnsafeRawBufferPointer(start: place, count: size).dropFirst(4).allSatisfy { $0 == 0 }
        return isUntouched ? .pass : .fail("refused the host, but wrote to the berth_plugin it was given")
    }

    /// One run with a host of another age: its table may be shorter or longer than the plugin's own idea of it.
    static func otherHost(_ order: Order, _ table: UnsafePointer<berth_host>?) -> Verdict {
        guard let table else { Report.broken("no memory") }
        var subject = Subject(order.library)
        if let why = subject.load() { Report.broken(why) }
        if let why = subject.describe(table) { return .fail(why) }
        if let why = subject.start(order.configuration) { Report.broken(why) }
        FakeHost.stopper.start()
        for component in subject.components {
            guard let target = order.targets.first(where: { $0.id == component.id }) else { continue }
            let trial = Trial(
                component: component, target: target, order: order, budget: 0, random: Random(seed: order.seed))
            _ = trial.run(trial.plan())
        }
        return .pass
    }

    /// The struct that the entry fills in ends where memory ends.
    static func outSize(_ order: Order) -> Verdict {
        var subject = Subject(order.library)
        if let why = subject.load() { Report.broken(why) }
        guard let entry = subject.entry, let page = check_guarded_page() else { return .pass }
        let size = MemoryLayout<berth_plugin>.size
        let place = (page + (4096 - size)).assumingMemoryBound(to: berth_plugin.self)
        place.pointee.struct_size = UInt32(size)
        Report.doing("calling berth_plugin_v1 with a berth_plugin of \(size) bytes and nothing behind it")
        let code = entry(HostTable.ordinary(), place)
        guard code == BERTH_OK else { Report.broken("berth_plugin_v1 answered \(code)") }
        return .pass
    }

    static func twice(_ order: Order) -> Verdict {
        var subject = Subject(order.library)
        let table = HostTable.ordinary()
        if let why = subject.load() ?? subject.describe(table) { Report.broken(why) }
        let first = subject.descriptorHash
        if let why = subject.describe(table) { return .fail("the second call failed: \(why)") }
        return subject.descriptorHash == first ? .pass : .fail("the second call answered something else")
    }
}
