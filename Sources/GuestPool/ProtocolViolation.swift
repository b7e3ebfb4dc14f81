/// A frame that breaks the layout or the state machine, in words for people.
struct ProtocolViolation: Error, Hashable {
    let message: String

    init(_ message: String) {
        self.message = message
    }

    static let sentDescriptor = ProtocolViolation("sent a descriptor")
}
