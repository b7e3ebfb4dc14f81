import Foundation

struct BenchOptions: Sendable {
    var guest = ""
    /// Beside the benchmark unless said otherwise.
    var berth = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/berth"
    var plugins = ""
    var scratch = URL(fileURLWithPath: ".build/bench")
    var slots = 4
    var runs = 100_000
    var rounds = 5
    /// Finished runs that are kept while others are drained; 0: this is not measured.
    var kept = 10_000_000
    /// Groups to be measured; nil: all.
    var only: Set<String>?
    /// Instances that a server dispatches a second, and for how long.
    var rate = 2_000
    var seconds = 60

    init(arguments: [String], groups: [String]) throws {
        var words = arguments.dropFirst().makeIterator()
        while let word = words.next() {
            guard let value = words.next() else { throw BenchFailure("\(word) needs a value") }
            try set(word, to: value, groups: groups)
        }
        for path in [guest, plugins] where path.isEmpty {
            throw BenchFailure(
                "usage: berth-bench --guest FILE --plugins DIR [--only GROUP,…] [--runs N] [--rounds N] "
                    + "[--slots N] [--kept N]")
        }
    }

    private mutating func set(_ word: String, to value: String, groups: [String]) throws {
        switch word {
        case "--guest": guest = URL(fileURLWithPath: value).standardizedFileURL.path
        case "--berth": berth = URL(fileURLWithPath: value).standardizedFileURL.path
        case "--plugins": plugins = URL(fileURLWithPath: value).standardizedFileURL.path
        case "--runs": runs = Int(value) ?? runs
        case "--rounds": rounds = Int(value) ?? rounds
        case "--rate": rate = Int(value) ?? rate
        case "--seconds": seconds = Int(value) ?? seconds
        case "--kept": kept = Int(value) ?? kept
        case "--only":
            let names = value.split(separator: ",").map(String.init)
            for name in names where !groups.contains(name) {
                throw BenchFailure("there is no group \(name); there are \(groups.joined(separator: ", "))")
            }
            only = Set(names)
        case "--slots": slots = Int(value) ?? slots
        default: throw BenchFailure("unknown option \(word)")
        }
    }
}
