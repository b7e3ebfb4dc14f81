/// The full name of a thing that can be run: `plugin-id/component-id`.
package struct ComponentName: Hashable, Sendable {
    package let plugin: String
    package let component: String

    /// Nil unless both parts are ids.
    package init?(plugin: String, component: String) {
        guard Identifier.isID(plugin), Identifier.isID(component) else { return nil }
        self.plugin = plugin
        self.component = component
    }
}

extension ComponentName: LosslessStringConvertible {
    package init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(plugin: String(parts[0]), component: String(parts[1]))
    }

    package var description: String { "\(plugin)/\(component)" }
}

/// The spelling rules of names that people and plugins choose.
package enum Identifier {
    /// Plugin and component ids: `[a-z][a-z0-9-]{0,62}`.
    package static func isID(_ text: some StringProtocol) -> Bool {
        matches(text) { $0 == UInt8(ascii: "-") }
    }

    /// Job and queue names: like ids, with `.` and `_` too.
    package static func isName(_ text: some StringProtocol) -> Bool {
        matches(text) { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
    }

    private static func matches(_ text: some StringProtocol, alsoAllowed: (UInt8) -> Bool) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 63, isLower(first) else { return false }
        return bytes.dropFirst().allSatisfy { isLower($0) || isDigit($0) || alsoAllowed($0) }
    }

    private static func isLower(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
