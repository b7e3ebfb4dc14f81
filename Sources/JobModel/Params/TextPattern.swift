/// A regular expression after ECMA-262, as JSON Schema has it, without what cannot be matched in one pass over the text:
/// no references back and no looking around. It may match anywhere in the text unless it says `^` and `$`.
struct TextPattern: Sendable {
    /// One step of the program. Steps are numbered; unless it says otherwise a step is followed by the next.
    enum Step: Sendable {
        case one(ScalarSet)
        /// Goes on at both.
        case fork(Int, Int)
        case jump(Int)
        case atStart
        case atEnd
        case found
    }

    private let steps: [Step]

    init(_ text: String) throws(PatternFault) {
        var reader = PatternReader(text)
        var assembly = PatternAssembly()
        try assembly.add(try reader.read())
        steps = assembly.finished
    }

    /// Follows all ways through the program side by side, so that no text takes longer than its length times the
    /// program's. Nil when that is more than `budget`, from which the work is taken.
    func matches(_ text: String, budget: inout Int) -> Bool? {
        var ways = PatternWays(count: steps.count)
        var next = PatternWays(count: steps.count)
        var isStart = true
        for scalar in text.unicodeScalars {
            if follow(0, &ways, isStart: isStart, isEnd: false) { return true }
            for way in ways.all {
                guard case .one(let set) = steps[way], set.contains(scalar) else { continue }
                if follow(way + 1, &next, isStart: false, isEnd: false) { return true }
            }
            budget -= ways.takeWork()
            guard budget >= 0 else { return nil }
            swap(&ways, &next)
            next.clear()
            isStart = false
        }
        // Those that waited for the end.
        let waiting = ways.all
        next.clear()
        if follow(0, &next, isStart: isStart, isEnd: true) { return true }
        return waiting.contains { way in
            if case .atEnd = steps[way] { return follow(way + 1, &next, isStart: isStart, isEnd: true) }
            return false
        }
    }

    /// Adds the steps that wait for a scalar, or for the end, reachable from `first` without one. True when the end of
    /// the program is among them.
    private func follow(_ first: Int, _ ways: inout PatternWays, isStart: Bool, isEnd: Bool) -> Bool {
        var open = [first]
        while let place = open.popLast() {
            guard ways.visit(place) else { continue }
            switch steps[place] {
            case .found: return true
            case .one: ways.wait(at: place)
            case .fork(let left, let right): open += [right, left]
            case .jump(let target): open.append(target)
            case .atStart: if isStart { open.append(place + 1) }
            case .atEnd: if isEnd { open.append(place + 1) } else { ways.wait(at: place) }
            }
        }
        return false
    }
}

/// The steps that have been reached before one scalar of the text.
private struct PatternWays {
    private(set) var all: [Int] = []
    private var visits: [Int]
    private var round = 1
    private var work = 1

    init(count: Int) {
        visits = Array(repeating: 0, count: count)
    }

    mutating func visit(_ place: Int) -> Bool {
        guard visits[place] != round else { return false }
        visits[place] = round
        work += 1
        return true
    }

    mutating func wait(at place: Int) { all.append(place) }

    /// Steps reached since this was last asked.
    mutating func takeWork() -> Int {
        defer { work = 1 }
        return work
    }

    mutating func clear() {
        all.removeAll(keepingCapacity: true)
        round += 1
    }
}

/// Some of all Unicode scalars.
struct ScalarSet: Hashable, Sendable {
    var ranges: [ClosedRange<UInt32>]
    var isNegated = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isNegated
    }

    static let digits = ScalarSet(ranges: [0x30...0x39])
    static let wordCharacters = ScalarSet(ranges: [0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
    static let spaces = ScalarSet(ranges: [
        0x09...0x0d, 0x20...0x20, 0xa0...0xa0, 0x1680...0x1680, 0x2000...0x200a, 0x2028...0x2029, 0x202f...0x202f,
        0x205f...0x205f, 0x3000...0x3000, 0xfeff...0xfeff,
    ])
    static let anythingOnTheLine = ScalarSet(ranges: [0x0a...0x0a, 0x0d...0x0d, 0x2028...0x2029], isNegated: true)

    static func one(_ scalar: Unicode.Scalar) -> ScalarSet { ScalarSet(ranges: [scalar.value...scalar.value]) }

    var negated: ScalarSet { ScalarSet(ranges: ranges, isNegated: !isNegated) }

    /// The same without a negation, to be joined with others.
    var plainRanges: [ClosedRange<UInt32>] {
        guard isNegated else { return ranges }
        var rest: [ClosedRange<UInt32>] = []
        var start: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > start { rest.append(start...range.lowerBound - 1) }
            start = max(start, range.upperBound + 1)
        }
        return start <= 0x10ffff ? rest + [start...0x10ffff] : rest
    }
}

/// Why a pattern cannot be used.
struct PatternFault: Error, Hashable, CustomStringConvertible {
    /// In characters from 1; nil: the whole.
    var position: Int?
    var reason: String

    var description: String {
        "the pattern cannot be used" + (position.map { " at character \($0)" } ?? "") + ": \(reason)"
    }
}
