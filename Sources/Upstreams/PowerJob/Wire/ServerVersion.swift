/// What the server calls its version, as far as it matters. One that does not say counts as the oldest.
package struct ServerVersion: Hashable, Sendable, Comparable {
    private let numbers: [Int]

    package static let unknown = ServerVersion("")

    /// `4.3.8`, `5.1.0-beta`; anything else is unknown.
    package init(_ text: String) {
        let release = text.prefix { $0.isNumber || $0 == "." }
        numbers = release.split(separator: ".").compactMap { Int($0) }
    }

    /// Before this version a key more is a refusal.
    package var toleratesUnknownKeys: Bool { self >= ServerVersion("4.3.8") }

    package static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}
