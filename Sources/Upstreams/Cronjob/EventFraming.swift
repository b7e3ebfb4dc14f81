/// How events stand in messages, in both directions: JSON between two separators. An event that is too long for one
/// message goes on in the next; a message never holds parts of two events that we send.
package enum EventFraming {
    /// One NUL and sixteen characters. A JSON text holds no raw NUL, so it cannot hold this.
    package static let separator: [UInt8] = [0] + Array("223399AABB2233CC".utf8)

    /// The server closes the connection at a message of more than 10,240 bytes.
    package static let longestMessage = 8192

    package static func frame(_ json: [UInt8]) -> [UInt8] {
        separator + json + separator
    }

    /// The framed event in pieces that are UTF-8 by themselves, since a text message has to be.
    package static func messages(of event: [UInt8], most: Int = longestMessage) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = event[...]
        while rest.count > most {
            let end = characterStart(in: rest, at: rest.startIndex + most)
            pieces.append(rest[..<end])
            rest = rest[end...]
        }
        pieces.append(rest)
        return pieces
    }

    /// The place, or the one before it at which a character begins. Bytes that are no UTF-8 are cut where they are.
    private static func characterStart(in bytes: ArraySlice<UInt8>, at place: Int) -> Int {
        for candidate in stride(from: place, to: max(place - 4, bytes.startIndex), by: -1)
        where bytes[candidate] & 0xC0 != 0x80 {
            return candidate
        }
        return place
    }
}
