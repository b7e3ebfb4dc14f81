package import JobModel

// As the JSON library of the servers reads: numbers, texts and truths stand for each other where one can be made of the
// other. Ids never pass through a floating-point number.
extension JSONValue {
    /// Of a number or a text; a fraction is cut.
    package var looseInteger: Int64? {
        switch self {
        case .number(let digits): Self.whole(digits)
        case .string(let text): Self.whole(text)
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    package var looseBool: Bool? {
        switch self {
        case .bool(let value): value
        case .string("true"), .string("True"), .string("TRUE"): true
        case .string("false"), .string("False"), .string("FALSE"): false
        case .number(let digits): Self.whole(digits).map { $0 != 0 }
        default: nil
        }
    }

    package var looseText: String? {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        default: nil
        }
    }

    private static func whole(_ digits: String) -> Int64? {
        if let value = Int64(digits) { return value }
        guard digits.contains(where: { ".eE".contains($0) }), let value = Double(digits) else { return nil }
        return Int64(exactly: value.rounded(.towardZero))
    }
}
