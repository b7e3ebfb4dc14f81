package import JobModel

/// The answer to a question of this protocol, either way. Its data are bytes, as a rule JSON.
package struct AskReply: Hashable, Sendable {
    package var isSuccess: Bool
    package var data: [UInt8]?
    package var message: String?

    package init(isSuccess: Bool, data: [UInt8]? = nil, message: String? = nil) {
        self.isSuccess = isSuccess
        self.data = data
        self.message = message
    }

    package static let success = AskReply(isSuccess: true)
    package static func failure(_ message: String) -> AskReply { AskReply(isSuccess: false, message: message) }

    /// Nil when the bytes are no such answer; an empty body is none.
    package init?(bytes: some Sequence<UInt8>) {
        guard let json = try? JSONParser.parse(bytes), let isSuccess = json["success"]?.looseBool else { return nil }
        self.isSuccess = isSuccess
        message = json["message"]?.looseText
        guard let text = json["data"]?.string else { return }
        guard let data = Base64URL.decode(text) else { return nil }
        self.data = data
    }

    package var json: JSONValue {
        .object(present: [
            "success": .bool(isSuccess), "data": data.map { .string(Base64URL.encode($0)) },
            "message": message.map(JSONValue.string),
        ])
    }
}
