import BerthPlugin
import Foundation
import Synchronization
import Testing

/// The Swift layer through the C tables, as the host sees it.
@Suite(.serialized) struct PluginTests {
    private let plugin: berth_plugin

    init() throws {
        plugin = try #require(FakeHost.load { sample.answer($0, $1) })
    }

    @Test func `the descriptor says what the plugin said`() throws {
        #expect(String(cString: plugin.id) == "sample")
        #expect(plugin.component_count == 5)
        #expect(plugin.abi_version == 1 << 16)
        let echo = try #require(plugin.find("echo"))
        #expect(echo.kind == BERTH_KIND_HANDLER)
        #expect(echo.struct_size == UInt32(MemoryLayout<berth_component>.size))
        #expect(echo.flags == Component.Flags([.pure, .cooperative]).rawValue)
        #expect(plugin.find("steps")?.kind == BERTH_KIND_PROCESSOR)
        #expect(plugin.find("outside")?.kind == BERTH_KIND_RUNNER)
    }

    @Test func `a second call answers the same, and a later major is refused`() throws {
        let again = try #require(FakeHost.load { sample.answer($0, $1) })
        #expect(again.components == plugin.components)
        var later = FakeHost.table.pointee
        later.abi_version = 2 << 16
        var out = berth_plugin()
        #expect(withUnsafePointer(to: &later) { sample.answer($0, &out) } == BERTH_UNSUPPORTED)
        #expect(out.component_count == 0)
    }

    @Test func `a handler's value is the output`() {
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "echo", #"{"x":[1,"é"]}"#) == BERTH_OK)
        #expect(attempt.output == #"{"x":[1,"é"]}"#)
    }

    @Test(
        arguments: [
            ("retry", BERTH_RETRY, "busy now", 250), ("permanent", BERTH_FAIL, "never", 0),
            ("other", BERTH_FAIL, "Unforeseen(number: 7)", 0), ("cancelled", BERTH_CANCELLED, "cancelled", 0),
        ] as [(String, berth_status, String, UInt32)])
    func `what is thrown becomes a code and a reason`(
        how: String, code: berth_status, reason: String, retryAfter: UInt32
    ) {
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "throw", #"{"how":"\#(how)"}"#) == code)
        #expect(attempt.record.error == reason)
        #expect(attempt.record.errorCode == code)
        #expect(attempt.record.retryAfterMilliseconds == retryAfter)
    }

    @Test(arguments: ["", "{", "[]", #"{"how":7}"#])
    func `params that do not fit are params errors`(params: String) {
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "throw", params) == BERTH_FAIL_PARAMS)
        #expect(!attempt.record.error.isEmpty)
    }

    @Test func `a processor is made, run and dropped once`() {
        let before = Steps.living.withLock { $0 }
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "steps", #"{"n":3}"#) == BERTH_OK)
        #expect(attempt.output == "123")
        #expect(attempt.record.progress.done == 3)
        #expect(attempt.record.progress.note == "step 3")
        #expect(attempt.record.breadcrumb == "step 3")
        #expect(attempt.record.logs == ["begun"])
        #expect(attempt.record.fields == [["run": "42", "start": "3"]])
        #expect(Steps.living.withLock { $0 } == before)
    }

    @Test func `a processor that cannot be made leaves nothing behind`() {
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "steps", #"{"n":"x"}"#) == BERTH_FAIL_PARAMS)
        #expect(attempt.output.isEmpty)
    }

    @Test func `cancellation and its cause are seen`() {
        let cancelled = FakeAttempt()
        cancelled.ask()
        #expect(cancelled.run(plugin, "steps", #"{"n":3}"#) == BERTH_CANCELLED)
        let late = FakeAttempt()
        late.change { $0.deadline = 1 }
        late.ask()
        #expect(late.run(plugin, "steps", #"{"n":3}"#) == BERTH_TIMED_OUT)
    }

    @Test func `a cancel callback is called while the call runs, and never after`() async {
        let attempt = FakeAttempt()
        let asker = Thread {
            while attempt.output != "ready" { sched_yield() }
            attempt.ask(reason: BERTH_STOP_TIMEOUT)
        }
        asker.start()
        #expect(attempt.run(plugin, "callback", "{}") == BERTH_OK)
        attempt.record.onCancel?(BERTH_STOP_CANCEL)
        #expect(Callback.heard.withLock { $0 } == [.timeout])
    }

    @Test func `a runner goes through its steps`() {
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "outside", "{}") == BERTH_OK)
        #expect(attempt.output == #"{"limit":60000}"#)
    }
}

private let sample = Plugin(
    id: "sample", version: "1.2.3",
    components: [
        Component("echo", .handler(Echo()), title: "Echo", flags: [.pure, .cooperative]),
        Component("throw", .handler(Throw())),
        Component("callback", .handler(Callback())),
        Component("steps", .processor(Steps.self)),
        Component("outside", .runner(Outside.self)),
    ])

private struct Echo: Handler {
    func execute(_ context: Context, _ params: Params) throws -> JSON? { try params.json() }
}

private struct Unforeseen: Error {
    let number: Int
}

private struct Throw: Handler {
    func execute(_ context: Context, _ params: Params) throws -> JSON? {
        switch try params.text("how") {
        case "retry": throw PluginFailure.retryable("busy now", afterMilliseconds: 250)
        case "permanent": throw PluginFailure.permanent("never")
        case "cancelled": throw PluginFailure.cancelled
        default: throw Unforeseen(number: 7)
        }
    }
}

/// Waits until the test asks for its end, and hears of it.
private struct Callback: Handler {
    static let heard = Mutex<[StopReason]>([])

    func execute(_ context: Context, _ params: Params) throws -> JSON? {
        try context.onCancel { reason in Self.heard.withLock { $0.append(reason) } }
        try context.emit("ready")
        while Self.heard.withLock({ $0.isEmpty }), context.cancellation != .lastCall { sched_yield() }
        return nil
    }
}

private final class Steps: Processor {
    static let living = Mutex(0)
    private let count: Int64

    init(_ context: Context, _ params: Params) throws {
        count = try params.integer("n")
        Self.living.withLock { $0 += 1 }
        context.log("begun", fields: ["run": "\(context.ids.run)", "start": "\(context.ids.startNumber)"])
    }

    deinit { Self.living.withLock { $0 -= 1 } }

    func run(_ context: Context, _ input: Input) throws -> JSON? {
        for step in 1...UInt64(count) {
            try context.checkCancellation()
            context.breadcrumb("step \(step)")
            context.progress(step, of: UInt64(count), note: "step \(step)")
            try context.emit("\(step)")
        }
        return nil
    }
}

private final class Outside: Runner {
    private let limit = Mutex<UInt64>(0)

    init(_ context: Context, _ params: Params) throws {}

    func setTimeout(milliseconds: UInt64) {
        limit.withLock { $0 = milliseconds }
    }

    func execute(_ context: Context) throws {
        context.heartbeat()
    }

    func stop(_ reason: StopReason) {}

    func result(_ context: Context) throws -> JSON? {
        ["limit": .integer(Int64(limit.withLock { $0 }))]
    }
}
