import Foundation

/// Finds events as the real server does, written from its description alone: what our own reader would forgive it does not.
struct ServerDecoder {
    /// Larger messages end the connection.
    static let longestMessage = 10_240
    private static let separator: [UInt8] = [0x00] + Array("223399AABB2233CC".utf8)

    private var unread: [UInt8] = []

    /// The texts between neighbouring separators. What follows the last one stays, and so does that one, unless the message
    /// ends with it.
    mutating func take(_ message: [UInt8]) -> [[UInt8]] {
        unread += message
        let places = Self.places(in: unread)
        guard let last = places.last else { return [] }
        let events = zip(places, places.dropFirst()).map { start, end in
            Array(unread[(start + Self.separator.count)..<end])
        }
        unread.removeFirst(last + Self.separator.count == unread.count ? unread.count : last)
        return events.filter { $0.contains { !" \t\r\n".utf8.contains($0) } }
    }

    /// The NUL is rare enough to be looked for alone.
    private static func places(in bytes: [UInt8]) -> [Int] {
        bytes.withUnsafeBytes { all in
            var places: [Int] = []
            var from = 0
            while let start = all.baseAddress, from < all.count, let nul = memchr(start + from, 0, all.count - from) {
                let place = start.distance(to: nul)
                let isSeparator =
                    place + separator.count <= all.count && memcmp(nul, separator, separator.count) == 0
                if isSeparator { places.append(place) }
                from = place + (isSeparator ? separator.count : 1)
            }
            return places
        }
    }
}
