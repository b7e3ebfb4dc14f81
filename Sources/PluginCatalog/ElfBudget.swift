/// What reading tables may cost. The tables of a forged file overlap, and name each other and the whole file; whatever they
/// say, reading them ends here, and so does the memory for what was read. For one thread.
final class ElfBudget {
    /// For one file. The largest libraries of a system take less than half of it.
    static let file = 1 << 24
    /// For all libraries that one plugin asks for, as far as they were not read before.
    static let libraries = 1 << 26

    let limit: Int
    /// Goes on counting beyond the limit.
    private(set) var spent = 0

    init(limit: Int = ElfBudget.file) {
        self.limit = limit
    }

    var isSpent: Bool { spent > limit }

    /// A number read is a step. A text costs about the bytes it takes in memory.
    func spend(_ steps: Int) throws(Rejection) {
        spent += steps
        if isSpent { throw .tablesTooLarge(what: "reading them takes more than \(limit) steps") }
    }
}
