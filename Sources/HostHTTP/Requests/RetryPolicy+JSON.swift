package import JobModel

// `3`, or {"attempts": 3, "delay": …, "crashes": 3, "within": "1h"} where delay is "5s", ["1s", "5s"] or
// {"exponential": "5s", "cap": "1h"}.
extension RetryPolicy {
    package init(json: JSONValue, path: String) throws(FieldError) {
        self.init()
        if case .number = json {
            attempts = try Self.count(json, path: path)
            return
        }
        guard json.members != nil else {
            throw FieldError(path: path, value: json.text, reason: "must be a number of attempts or an object")
        }
        var fields = try FieldReader(json, path: path)
        attempts = try fields.integer("attempts", in: Self.counts) ?? attempts
        crashes = try fields.integer("crashes", in: 0...1000) ?? crashes
        within = try fields.duration("within")
        if let value = fields.value("delay") { delay = try Delay(json: value, path: fields.place("delay")) }
        try fields.finish()
    }

    private static let counts = 1...1000

    private static func count(_ json: JSONValue, path: String) throws(FieldError) -> Int {
        guard let number = json.integer.flatMap({ Int(exactly: $0) }), counts.contains(number) else {
            throw FieldError(path: path, value: json.text, reason: "must be a whole number from 1 to 1000")
        }
        return number
    }

    package var json: JSONValue {
        .object(present: [
            "attempts": .number(attempts), "delay": delay.json, "crashes": .number(crashes),
            "within": within.map { .string($0.berthText) },
        ])
    }
}

extension RetryPolicy.Delay {
    init(json: JSONValue, path: String) throws(FieldError) {
        switch json {
        case .string:
            self = .fixed(try Self.duration(json, path: path))
        case .array(let values):
            guard !values.isEmpty, values.count <= 100 else {
                throw FieldError(path: path, value: json.text, reason: "must hold 1 to 100 durations")
            }
            var delays: [Duration] = []
            for (index, value) in values.enumerated() {
                delays.append(try Self.duration(value, path: "\(path)[\(index)]"))
            }
            self = .list(delays)
        default:
            var fields = try FieldReader(json, path: path)
            let first = try fields.duration("exponential")
            let cap = try fields.duration("cap")
            try fields.finish()
            self = .exponential(first: try fields.required("exponential", first), cap: cap ?? .seconds(3600))
        }
    }

    private static func duration(_ json: JSONValue, path: String) throws(FieldError) -> Duration {
        guard let duration = json.duration else {
            throw FieldError(path: path, value: json.text, reason: FieldReader.durationRule)
        }
        return duration
    }

    var json: JSONValue {
        switch self {
        case .fixed(let delay): .string(delay.berthText)
        case .exponential(let first, let cap): ["exponential": .string(first.berthText), "cap": .string(cap.berthText)]
        case .list(let delays): .texts(delays.map(\.berthText))
        }
    }
}
