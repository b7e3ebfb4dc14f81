import Foundation

/// Feeds a reader of foreign bytes with a corpus whose members are changed at random. What makes it say something new is
/// changed further. The same seed gives the same inputs; a trap is found again with it.
///
/// `make test` makes a few thousand inputs; with BERTH_SOAK_MINUTES it goes on for a twelfth of that time, and with
/// BERTH_FUZZ_KEEP=Tests/Corpus what said something new is written there, to be committed.
package struct Fuzzing {
    private let folder: URL
    private var corpus: [[UInt8]]
    private var random: FuzzNumbers
    private var said: Set<String> = []
    private let seed: UInt64
    private let end: ContinuousClock.Instant?
    private let keeps: Int
    private let keepFolder: URL?

    /// `name` is a folder under Tests/Corpus; `samples` are well-formed inputs beside it. At most `keeping` files are
    /// added to the corpus.
    package init(_ name: String, samples: [[UInt8]], keeping: Int = 200) throws {
        let environment = ProcessInfo.processInfo.environment
        folder = Checkout.root.appendingPathComponent("Tests/Corpus/\(name)")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        corpus = try samples + files.sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
        let minutes = environment["BERTH_SOAK_MINUTES"].flatMap(Double.init)
        end = minutes.map { ContinuousClock.now + .seconds($0 * 5) }
        seed = environment["BERTH_FUZZ_SEED"].flatMap { UInt64($0) } ?? (minutes == nil ? 1 : .random(in: 1 ... .max))
        random = FuzzNumbers(state: seed)
        keepFolder = environment["BERTH_FUZZ_KEEP"].map { URL(fileURLWithPath: "\($0)/\(name)") }
        keeps = keepFolder == nil ? 0 : keeping
    }

    /// How many inputs there were, and how many different things `tell` said of them.
    @discardableResult
    package mutating func run(count: Int, _ tell: ([UInt8]) -> String) throws -> (inputs: Int, answers: Int) {
        if end != nil { say("FUZZ \(folder.lastPathComponent): seed \(seed)") }
        for input in corpus { said.insert(Self.outline(tell(input))) }
        var inputs = 0
        var kept = 0
        while end.map({ ContinuousClock.now < $0 }) ?? (inputs < count) {
            inputs += 1
            let input = changed()
            guard said.insert(Self.outline(tell(input))).inserted else { continue }
            if corpus.count < 2000 { corpus.append(input) }
            guard kept < keeps else { continue }
            kept += 1
            try keep(input)
        }
        if end != nil { say("FUZZ \(folder.lastPathComponent): \(inputs) inputs, \(said.count) different answers") }
        return (inputs, said.count)
    }

    private func keep(_ input: [UInt8]) throws {
        guard let keepFolder else { return }
        try FileManager.default.createDirectory(at: keepFolder, withIntermediateDirectories: true)
        let name = input.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        try Data(input).write(to: keepFolder.appendingPathComponent(String(name, radix: 16)))
    }

    /// Numbers in it do not make an answer another one.
    private static func outline(_ answer: String) -> String { String(answer.filter { !$0.isNumber }) }

    private mutating func changed() -> [UInt8] {
        guard var bytes = corpus.randomElement(using: &random), !bytes.isEmpty else { return [] }
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes.append(.random(in: 0...255, using: &random)) }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let length = Int.random(in: 1...max(1, min(64, bytes.count - place)), using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = .random(in: 0...255, using: &random)
        case 2: putNumber(into: &bytes, at: place)
        case 3: bytes.removeSubrange(place..<place + length)
        case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 5: bytes.removeLast(min(length, bytes.count - 1))
        case 6: for index in place..<place + length { bytes[index] = .random(in: 0...255, using: &random) }
        default:
            guard let other = corpus.randomElement(using: &random), !other.isEmpty else { return }
            bytes = Array(bytes[..<place] + other[Int.random(in: 0..<other.count, using: &random)...])
        }
    }

    /// One of those at which sums overflow and comparisons change sides, where a field of four or eight bytes could be.
    private mutating func putNumber(into bytes: inout [UInt8], at place: Int) {
        let numbers: [UInt64] = [
            0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x10001, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
            0x7fff_ffff_ffff_ffff, .max, UInt64(bytes.count), UInt64(bytes.count) + 1,
        ]
        let number = numbers.randomElement(using: &random) ?? 0
        let width = Bool.random(using: &random) ? 4 : 8
        let start = place & ~(width - 1)
        for index in 0..<min(width, bytes.count - start) {
            bytes[start + index] = UInt8(number >> (8 * UInt64(index)) & 0xff)
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
private struct FuzzNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
