package import JobModel

/// A part of the API's answers: JSON that was made by the host or received from it, and its fields by name.
package protocol JSONView: Sendable {
    var json: JSONValue { get }
    init(json: JSONValue)
}

extension JSONView {
    package func text(_ name: String) -> String? { json[name]?.string }
    package func integer(_ name: String) -> Int64? { json[name]?.integer }
    package func bool(_ name: String) -> Bool { json[name]?.bool ?? false }
    package func instant(_ name: String) -> Instant? { text(name).flatMap(Instant.init(rfc3339:)) }
    package func views<View: JSONView>(_ name: String) -> [View] { (json[name]?.array ?? []).map(View.init(json:)) }
}

extension JSONValue {
    /// JSON bytes as the value they are; as a text where they are no JSON.
    static func passThrough(_ bytes: [UInt8]) -> JSONValue {
        (try? JSONParser.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
    }

    static func instant(_ instant: Instant?) -> JSONValue? { instant.map { .string($0.rfc3339) } }
    static func text(_ text: String?) -> JSONValue? { text.map(JSONValue.string) }
}
