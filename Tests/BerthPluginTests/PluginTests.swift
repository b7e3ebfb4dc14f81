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
        #expect(plugin.component_count == 9)
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

    @Test func `params are read into any Decodable, and the output is any Encodable`() {
        let attempt = FakeAttempt()
        let params = #"{"name":"Ada","tags":["a","b"],"at":{"x":1.5},"small":200,"maybe":null}"#
        #expect(attempt.run(plugin, "typed", params) == BERTH_OK)
        #expect(attempt.output == #"{"at":{"x":1.5},"name":"Ada","small":200,"tags":["a","b"]}"#)
    }

    @Test(
        arguments: [
            (#"{"tags":[],"at":{"x":1},"small":1}"#, #""name" is missing: a text"#),
            (#"{"name":"A","tags":["a",7],"at":{"x":1},"small":1}"#, #""tags[1]" is 7, but must be a text"#),
            (#"{"name":"A","tags":[],"at":{"x":"1"},"small":1}"#, #""at.x" is "1", but must be a number"#),
            (
                #"{"name":"A","tags":[],"at":{"x":1},"small":256}"#,
                #""small" is 256, but must be a whole number from 0 to 255"#
            ),
            (#"{"name":"A","tags":{},"at":{"x":1},"small":1}"#, #""tags" is {}, but must be an array"#),
            ("[]", "the value is [], but must be an object"),
        ])
    func `params of another shape are refused with their place`(params: String, reason: String) {
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "typed", params) == BERTH_FAIL_PARAMS)
        #expect(attempt.record.error == reason)
    }

    @Test func `an async body runs on the thread of the call, children and all, and is cancelled with it`() {
        let attempt = FakeAttempt()
        let asker = Thread {
            while attempt.output != "waiting" { sched_yield() }
            attempt.ask()
        }
        asker.start()
        Patient.thread.withLock { $0 = pthread_self() }
        #expect(attempt.run(plugin, "patient", "{}") == BERTH_CANCELLED)
        #expect(Patient.heard.withLock { $0 } == ["body", "child", "handler", "same thread"])
    }

    @Test func `an async body that was asked to end before it began is cancelled too`() {
        let attempt = FakeAttempt()
        attempt.ask()
        #expect(attempt.run(plugin, "patient", "{}") == BERTH_CANCELLED)
    }

    @Test func `state is read, written and compared`() {
        for wanted in 1...3 {
            let attempt = FakeAttempt()
            #expect(attempt.run(plugin, "counter", "{}") == BERTH_OK)
            #expect(attempt.output == "\(wanted)")
        }
    }

    @Test func `a processor maps and reduces`() {
        let attempt = FakeAttempt()
        #expect(attempt.mapReduce(plugin, "lengths", #"{"words":["one","three",""]}"#) == BERTH_OK)
        #expect(attempt.record.children == [#"{"words":["one"]}"#, #"{"words":["three"]}"#, #"{"words":[""]}"#])
        #expect(attempt.output == "8")
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
        Component("typed", .handler(Typed())),
        Component("patient", .handler(Patient())),
        Component("counter", .handler(Counter())),
        Component("lengths", .processor(Lengths.self)),
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
        context.onCancel { reason in Self.heard.withLock { $0.append(reason) } }
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

private struct Typed: Handler {
    struct Form: Codable {
        struct Place: Codable { var x: Double }

        var name: String
        var tags: [String]
        var at: Place
        var small: UInt8
        var maybe: Int?
    }

    func execute(_ context: Context, _ form: Form) -> Form { form }
}

/// Waits without end, in a child task, until it is cancelled.
private struct Patient: Handler {
    static let heard = Mutex<Set<String>>([])
    static let thread = Mutex<pthread_t?>(nil)

    func execute(_ context: Context, _ params: Params) async throws -> JSON? {
        async let child: Void = Self.wait()
        try context.emit("waiting")
        do {
            try await withTaskCancellationHandler {
                try await Self.wait()
            } onCancel: {
                Self.hear("handler")
            }
        } catch {
            Self.hear("body")
        }
        do { try await child } catch { Self.hear("child") }
        if pthread_equal(pthread_self(), Self.thread.withLock { $0 } ?? pthread_self()) != 0 {
            Self.hear("same thread")
        }
        try Task.checkCancellation()
        return nil
    }

    private static func wait() async throws {
        try await Task.sleep(for: .seconds(3600))
    }

    private static func hear(_ who: String) {
        heard.withLock { _ = $0.insert(who) }
    }
}

private struct Counter: Handler {
    func execute(_ context: Context, _ params: Params) throws -> Int {
        let before = try context.state("count")
        let count = (before.flatMap { Int($0.text) } ?? 0) + 1
        guard try context.setState("count", "\(count)", if: before.map { .unchanged($0.version) } ?? .new),
            try !context.setState("count", "lost", if: .unchanged(1000))
        else { throw PluginFailure.permanent("the state moved") }
        return count
    }
}

/// One child for each word, whose length it is to find; their sum.
private struct Lengths: Processor {
    struct Words: Codable { var words: [String] }

    private let words: [String]

    init(_ context: Context, _ params: Words) {
        words = params.words
    }

    func run(_ context: Context, _ input: Input) throws -> Int? {
        switch input.stage {
        case .single, .root:
            try context.emitChildren(words.map { try Child(Words(words: [$0]), name: $0) })
            return nil
        case .child: return words.joined().count
        case .reduce:
            var sum = 0
            while let result = try context.nextResult() { sum += try result.value(as: Int.self) }
            return sum
        }
    }
}
