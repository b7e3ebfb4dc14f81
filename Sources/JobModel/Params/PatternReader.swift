/// What a regular expression is made of.
indirect enum PatternPiece {
    case one(ScalarSet)
    case sequence([PatternPiece])
    case choice([PatternPiece])
    /// `most` nil: without limit.
    case many(PatternPiece, least: Int, most: Int?)
    case atStart
    case atEnd
}

/// Reads the text of a regular expression.
struct PatternReader {
    static let mostCharacters = 4096
    private static let deepest = 64
    private static let mostRepeats = 1000

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    mutating func read() throws(PatternFault) -> PatternPiece {
        guard scalars.count <= Self.mostCharacters else {
            throw PatternFault(position: nil, reason: "it has more than \(Self.mostCharacters) characters")
        }
        let piece = try choice()
        guard next == nil else { throw fault("a ) without its (") }
        return piece
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private func fault(_ reason: String) -> PatternFault {
        PatternFault(position: min(position, scalars.count) + 1, reason: reason)
    }

    private mutating func choice() throws(PatternFault) -> PatternPiece {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> PatternPiece {
        var pieces: [PatternPiece] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let piece = try single()
            pieces.append(try repeated(piece))
        }
        return .sequence(pieces)
    }

    private mutating func single() throws(PatternFault) -> PatternPiece {
        guard let scalar = next else { throw fault("something is missing") }
        position += 1
        switch scalar {
        case "^": return .atStart
        case "$": return .atEnd
        case ".": return .one(.anythingOnTheLine)
        case "(": return try group()
        case "[": return .one(try characterClass())
        case "\\": return .one(try escape())
        case "*", "+", "?", "{":
            position -= 1
            throw fault("\(scalar) has nothing to repeat")
        default: return .one(.one(scalar))
        }
    }

    private mutating func group() throws(PatternFault) -> PatternPiece {
        depth += 1
        guard depth <= Self.deepest else { throw fault("groups within more than \(Self.deepest) groups") }
        if take("?"), !take(":") { throw fault("looking ahead or behind and named groups are not served, (?: is") }
        let piece = try choice()
        guard take(")") else { throw fault("a ( without its )") }
        depth -= 1
        return piece
    }

    // MARK: Repeats

    private mutating func repeated(_ piece: PatternPiece) throws(PatternFault) -> PatternPiece {
        guard let (least, most) = try counts() else { return piece }
        switch piece {
        case .atStart, .atEnd: throw fault("^ and $ cannot be repeated")
        default: break
        }
        // Taking few rather than many makes no difference to whether it matches.
        _ = take("?")
        return .many(piece, least: least, most: most)
    }

    private mutating func counts() throws(PatternFault) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return nil }
        guard let least = number() else { throw fault("a number should follow {") }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else { throw fault("a } should be here") }
        guard max(least, most ?? 0) <= Self.mostRepeats else { throw fault("more than \(Self.mostRepeats) repeats") }
        guard least <= most ?? least else { throw fault("{\(least),\(most ?? 0)} is the wrong way round") }
        return (least, most)
    }

    /// Large ones are as good as too large.
    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, (0x30...0x39).contains(scalar.value) {
            value = min(1_000_000, (value ?? 0) * 10 + Int(scalar.value - 0x30))
            position += 1
        }
        return value
    }

    // MARK: Classes and escapes

    private mutating func characterClass() throws(PatternFault) -> ScalarSet {
        var set = ScalarSet(ranges: [], isNegated: take("^"))
        while !take("]") {
            guard next != nil else { throw fault("a [ without its ]") }
            let first = try classMember()
            guard take("-") else {
                set.ranges += first.plainRanges
                continue
            }
            guard next != "]", next != nil else {
                set.ranges += first.plainRanges + ScalarSet.one("-").plainRanges
                continue
            }
            set.ranges.append(try range(first, try classMember()))
        }
        return set
    }

    private func range(_ first: ScalarSet, _ last: ScalarSet) throws(PatternFault) -> ClosedRange<UInt32> {
        guard let low = first.only, let high = last.only else {
            throw fault("a range is from one character to another")
        }
        guard low <= high else { throw fault("a range is the wrong way round") }
        return low...high
    }

    private mutating func classMember() throws(PatternFault) -> ScalarSet {
        if take("\\") {
            if take("b") { return .one("\u{8}") }
            return try escape()
        }
        guard let scalar = next else { throw fault("a [ without its ]") }
        position += 1
        return .one(scalar)
    }

    private mutating func escape() throws(PatternFault) -> ScalarSet {
        guard let scalar = next else { throw fault("nothing follows the \\") }
        position += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.negated
        case "w": return .wordCharacters
        case "W": return ScalarSet.wordCharacters.negated
        case "s": return .spaces
        case "S": return ScalarSet.spaces.negated
        case "t": return .one("\t")
        case "n": return .one("\n")
        case "r": return .one("\r")
        case "v": return .one("\u{b}")
        case "f": return .one("\u{c}")
        case "x": return try hexadecimal(digits: 2)
        case "u": return try unicode()
        default: return try plain(scalar)
        }
    }

    private mutating func plain(_ scalar: Unicode.Scalar) throws(PatternFault) -> ScalarSet {
        guard !scalar.properties.isAlphabetic, !(0x30...0x39).contains(scalar.value) else {
            position -= 1
            throw fault("\\\(scalar) is not served")
        }
        return .one(scalar)
    }

    private mutating func unicode() throws(PatternFault) -> ScalarSet {
        guard take("{") else { return try hexadecimal(digits: 4) }
        let end = scalars[position...].firstIndex(of: "}") ?? position
        guard (1...6).contains(end - position) else { throw fault("\\u{…} takes 1 to 6 hexadecimal digits") }
        let set = try hexadecimal(digits: end - position)
        position += 1
        return set
    }

    private mutating func hexadecimal(digits: Int) throws(PatternFault) -> ScalarSet {
        guard position + digits <= scalars.count else { throw fault("hexadecimal digits are missing") }
        var text = ""
        for scalar in scalars[position..<position + digits] { text.unicodeScalars.append(scalar) }
        guard text.first != "+", text.first != "-", let value = UInt32(text, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw fault("\(text) is not the number of a character") }
        position += digits
        return .one(scalar)
    }
}

extension ScalarSet {
    fileprivate var only: UInt32? {
        guard ranges.count == 1, !isNegated, ranges[0].lowerBound == ranges[0].upperBound else { return nil }
        return ranges[0].lowerBound
    }
}

/// Turns the pieces of a pattern into steps.
struct PatternAssembly {
    static let mostSteps = 2000

    private var steps: [TextPattern.Step] = []

    var finished: [TextPattern.Step] { steps + [.found] }

    mutating func add(_ piece: PatternPiece) throws(PatternFault) {
        switch piece {
        case .one(let set): try put(.one(set))
        case .atStart: try put(.atStart)
        case .atEnd: try put(.atEnd)
        case .sequence(let pieces): for piece in pieces { try add(piece) }
        case .choice(let branches): try add(branches)
        case .many(let piece, let least, let most):
            for _ in 0..<least { try add(piece) }
            if let most { try add(piece, atMost: most - least) } else { try addLoop(piece) }
        }
    }

    private mutating func put(_ step: TextPattern.Step) throws(PatternFault) {
        guard steps.count < Self.mostSteps else {
            throw PatternFault(position: nil, reason: "its repeats make it longer than \(Self.mostSteps) steps")
        }
        steps.append(step)
    }

    private mutating func add(_ branches: [PatternPiece]) throws(PatternFault) {
        var ends: [Int] = []
        for branch in branches.dropLast() {
            let fork = steps.count
            try put(.fork(fork + 1, fork))
            try add(branch)
            ends.append(steps.count)
            try put(.jump(0))
            steps[fork] = .fork(fork + 1, steps.count)
        }
        if let last = branches.last { try add(last) }
        for end in ends { steps[end] = .jump(steps.count) }
    }

    private mutating func add(_ piece: PatternPiece, atMost count: Int) throws(PatternFault) {
        var forks: [Int] = []
        for _ in 0..<count {
            forks.append(steps.count)
            try put(.fork(0, 0))
            try add(piece)
        }
        for fork in forks { steps[fork] = .fork(fork + 1, steps.count) }
    }

    private mutating func addLoop(_ piece: PatternPiece) throws(PatternFault) {
        let fork = steps.count
        try put(.fork(0, 0))
        try add(piece)
        try put(.jump(fork))
        steps[fork] = .fork(fork + 1, steps.count)
    }
}
