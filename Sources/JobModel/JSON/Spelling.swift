/// Finds what somebody may have meant.
package enum Spelling {
    /// The known word nearest to this one, if one is near enough to be a slip.
    package static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let close = known.map { (word: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
        guard let close, close.distance <= max(1, min(word.count, close.word.count) / 3) else { return nil }
        return close.word
    }

    /// `did you mean "x"?`, or else which words there are.
    package static func hint(for word: String, among known: [String]) -> String {
        if let near = nearest(to: word, among: known) { return "did you mean \"\(near)\"?" }
        return known.isEmpty ? "there is none" : "known: \(known.sorted().joined(separator: ", "))"
    }

    /// The hint as a sentence of its own, for the names of plugins and components: of many, those of the same plugin.
    package static func sentence(for word: String, among known: [String]) -> String {
        guard !known.isEmpty else {
            return "None is known at all: put plugins into the plugins folder, or give --plugins DIR or a file such as "
                + "./text.so."
        }
        if let near = nearest(to: word, among: known) { return "Did you mean \"\(near)\"?" }
        let plugin = String(word.prefix { $0 != "/" }) + "/"
        let siblings = known.filter { $0.hasPrefix(plugin) }
        let shown = siblings.isEmpty ? Array(known.sorted().prefix(5)) : siblings.sorted()
        let rest = known.count - shown.count
        return "Known: \(shown.joined(separator: ", "))" + (rest > 0 ? " and \(rest) more." : ".")
    }

    /// Insertions, deletions and replacements between two words, of which only the beginnings are looked at.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().prefix(64)), right = Array(right.lowercased().prefix(64))
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                (diagonal, row[j + 1]) = (row[j + 1], min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1)))
            }
        }
        return row[right.count]
    }
}

extension String {
    /// With a capital letter, as sentences begin.
    package var sentence: String { prefix(1).uppercased() + dropFirst() }

    /// With a full stop, unless it ends as a sentence does.
    package var withStop: String { last.map { ".!?".contains($0) ? self : self + "." } ?? self }

    /// At most 60 characters, for messages that quote what somebody sent.
    package var excerpt: String {
        count <= 60 ? self : "\(prefix(59))…"
    }
}
