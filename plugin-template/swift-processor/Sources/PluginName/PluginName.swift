import BerthPlugin

/// Greets somebody several times: work in steps. `stop` is left out, because `run` looks at its context.
struct Hello: Processor {
    struct Parameters: Decodable {
        var name: String
        var times: UInt64?
    }

    private let params: Parameters

    init(_ context: Context, _ params: Parameters) throws {
        guard params.times != 0 else { throw PluginFailure.params("\"times\" is 0, but must be 1 or more") }
        self.params = params
    }

    /// Each step looks whether to go on and says how far it is. `run` may be `async` too.
    func run(_ context: Context, _ input: Input) throws -> JSON? {
        let times = params.times ?? 3
        for step in 1...times {
            try context.checkCancellation()
            let greeting: JSON = ["greeting": .string("Hello, \(params.name)!")]
            try context.emit("\(greeting)\n")
            context.progress(step, of: times, note: "greeting")
        }
        return nil
    }
}

/// The one function the host looks for. More components are added to the list, each with an id of its own.
@c(berth_plugin_v1)
public func entry(_ host: UnsafePointer<berth_host>, _ out: UnsafeMutablePointer<berth_plugin>) -> berth_status {
    Plugin(
        id: "plugin-name", version: "0.1.0",
        components: [
            Component(
                "hello", .processor(Hello.self), title: "Greets somebody several times",
                paramsSchema: """
                    {"type":"object","required":["name"],"additionalProperties":false,
                     "properties":{"name":{"type":"string"},
                     "times":{"type":"integer","minimum":1,"default":3}}}
                    """,
                resultType: "application/x-ndjson", flags: .cooperative)
        ]
    ).answer(host, out)
}
