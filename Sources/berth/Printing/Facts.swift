import HostHTTP

/// Names and values under each other, for one thing seen closely.
struct Facts {
    private(set) var lines: [(String, String)] = []

    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        lines.append((name, value))
    }

    mutating func add(figures: FiguresView?) {
        guard let figures else { return }
        add("runs ended", figures.runWords)
        add("success", figures.successRate)
        add("attempts", figures.attemptWords)
        add("took", figures.took)
    }

    func print() {
        let width = lines.map(\.0.count).max() ?? 0
        for (name, value) in lines {
            Swift.print(name + String(repeating: " ", count: width - name.count + 2) + Terminal.plain(value))
        }
    }
}
