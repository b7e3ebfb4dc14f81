package import Foundation

/// `berth_plugin.h` as it was, or as it may become: its text with changes, for plugins built elsewhere and at other times.
package struct PluginHeader {
    package private(set) var text: String

    /// The header of this checkout.
    package init() throws {
        text = String(decoding: try Data(contentsOf: Self.file), as: UTF8.self)
    }

    package static let file = Checkout.root.appendingPathComponent(
        "Sources/CBerthPlugin/include/berth_plugin.h")

    /// Fails where `old` is not there: a change that changes nothing proves nothing.
    package mutating func replace(_ old: String, by new: String) throws {
        guard text.contains(old) else { throw HeaderError.notThere(old) }
        text = text.replacingOccurrences(of: old, with: new)
    }

    package mutating func append(_ member: String, to name: String) throws {
        try replace("} \(name);", by: "    \(member)\n} \(name);")
    }

    /// Drops the paragraph of members that holds `word` and all behind it.
    package mutating func cut(_ name: String, from word: String) throws {
        guard let start = text.range(of: "typedef struct \(name) {"), let end = text.range(of: "} \(name);"),
            let member = text.range(of: word, range: start.upperBound..<end.lowerBound),
            let before = text.range(of: "\n\n", options: .backwards, range: start.upperBound..<member.lowerBound)
        else { throw HeaderError.notThere("\(name).\(word)") }
        text.replaceSubrange(before.upperBound..<end.lowerBound, with: "")
    }
}

package enum HeaderError: Error {
    case notThere(String)
}
