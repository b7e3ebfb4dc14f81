/// Rows under headings, aligned for people.
struct Table {
    enum Alignment {
        case left, right
    }

    struct Column {
        var heading: String
        var alignment: Alignment

        init(_ heading: String, _ alignment: Alignment = .left) {
            self.heading = heading
            self.alignment = alignment
        }
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Nil is shown as `-`.
    mutating func add(_ cells: [String?]) {
        rows.append(cells.map { $0.map { $0.isEmpty ? "-" : Terminal.plain($0) } ?? "-" })
    }

    /// Lines cut at `width` where there is one.
    func lines(width: Int? = nil) -> [String] {
        let all = [columns.map(\.heading)] + rows
        let widths = columns.indices.map { index in all.map { $0[index].count }.max() ?? 0 }
        return all.map { cells in
            let line = zip(cells, zip(columns, widths)).map { Self.pad($0, to: $1.1, $1.0.alignment) }
                .joined(separator: "  ")
            return Self.cut(String(line.reversed().drop { $0 == " " }.reversed()), to: width)
        }
    }

    func print() {
        for line in lines(width: Terminal.width) { Swift.print(line) }
    }

    private static func pad(_ cell: String, to width: Int, _ alignment: Alignment) -> String {
        let space = String(repeating: " ", count: max(0, width - cell.count))
        return alignment == .left ? cell + space : space + cell
    }

    private static func cut(_ line: String, to width: Int?) -> String {
        guard let width, line.count > width, width > 1 else { return line }
        return line.prefix(width - 1) + "…"
    }
}
