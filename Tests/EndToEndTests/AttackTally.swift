/// How often each attack was made, by family, and what came of them all.
struct AttackTally {
    private var made: [String: [String: Int]] = [:]
    private var endings: [String: Int] = [:]
    private(set) var ordinary = 0
    /// What was not as it has to be.
    private(set) var faults: [String] = []

    mutating func count(_ family: String, _ name: String, _ ending: String) {
        made[family, default: [:]][name, default: 0] += 1
        endings[ending, default: 0] += 1
    }

    mutating func countOrdinary() { ordinary += 1 }

    mutating func fault(_ words: String) { faults.append(words) }

    /// Adds what another has counted; its faults with a word before them.
    mutating func add(_ other: AttackTally, _ when: String = "") {
        made.merge(other.made) { $0.merging($1, uniquingKeysWith: +) }
        endings.merge(other.endings, uniquingKeysWith: +)
        ordinary += other.ordinary
        faults += other.faults.map { when + $0 }
    }

    var words: String {
        let ends = endings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let families = made.sorted { $0.key < $1.key }.map { family, names in
            "\(family): \(names.count) attacks, each at least \(names.values.min() ?? 0) times"
        }
        return """
            \(endings.values.reduce(0, +)) attacks (\(ends)); \(families.joined(separator: "; ")); \
            \(ordinary) ordinary runs all right
            """
    }
}
