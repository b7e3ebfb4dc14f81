import BerthPlugin

/// Greets somebody.
struct Hello: Handler {
    struct Person: Decodable { var name: String }
    struct Greeting: Encodable { var greeting: String }

    func execute(_ context: Context, _ person: Person) throws -> Greeting {
        Greeting(greeting: "Hello, \(person.name)!")
    }
}

/// The one function the host looks for. More components are added to the list, each with an id of its own.
@c(berth_plugin_v1)
public func entry(_ host: UnsafePointer<berth_host>, _ out: UnsafeMutablePointer<berth_plugin>) -> berth_status {
    Plugin(
        id: "plugin-name", version: "0.1.0",
        components: [
            Component(
                "hello", .handler(Hello()), title: "Greets somebody",
                paramsSchema: """
                    {"type":"object","required":["name"],"additionalProperties":false,
                     "properties":{"name":{"type":"string"}}}
                    """)
        ]
    ).answer(host, out)
}
