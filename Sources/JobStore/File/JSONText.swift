import Foundation

/// Values that are stored as JSON text: policies, definitions, evidence. Never one per run on the fast path.
enum JSONText {
    /// Keys are sorted, so that equal values have equal texts.
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// `what` names the value in the error, such as `evidence of run 7`.
    static func decode<Value: Decodable>(_ type: Value.Type, from text: String, what: @autoclosure () -> String) throws
        -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw StoreError.failed(reason: "\(what()) cannot be read from the store: \(error)")
        }
    }
}
