package import JobModel

// {"slots": 8, "min_slots": 1, "mode": "open", "rate": "10/s", "burst": 5, "max_pending": 1000, "aging": "1m",
// "pre_step": "disk/mount", "post_step": …}; "none" takes a rate, a bound, aging or a step away. {"paused": true} is {"mode": "paused"}.
extension QueueChange {
    package init(json: JSONValue, path: String = "") throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        self.init()
        slots = try fields.integer("slots", in: Self.slotCounts)
        leastSlots = try fields.integer("min_slots", in: Self.slotCounts)
        mode = try Self.mode(&fields)
        rate = try Self.rate(&fields)
        maxPending = try fields.setting("max_pending", "must be none or a whole number from 1 to 10000000") {
            $0.integer.flatMap { Int(exactly: $0) }.flatMap { Self.pendingCounts.contains($0) ? $0 : nil }
        }
        aging = try fields.setting("aging", "must be none or a duration of at least 1ms such as \"1m\"") {
            $0.duration.flatMap { $0 < .milliseconds(1) ? nil : $0 }
        }
        preStep = try Self.step(&fields, .before)
        postStep = try Self.step(&fields, .after)
        try fields.finish()
    }

    private static func step(
        _ fields: inout FieldReader, _ place: Step.Place
    ) throws(FieldError) -> Setting<Step>? {
        try StepOrder(&fields, place).map { order in order.step.map { .to($0) } ?? .none }
    }

    private static func mode(_ fields: inout FieldReader) throws(FieldError) -> QueueMode? {
        let paused = try fields.bool("paused")
        let mode = try fields.convert("mode", "must be open, paused or draining") {
            $0.string.flatMap(QueueMode.init(word:))
        }
        return mode ?? paused.map { $0 ? .paused : .open }
    }

    private static func rate(_ fields: inout FieldReader) throws(FieldError) -> Setting<RateLimit>? {
        let rule = "must be none or starts per time, such as \"10/s\", \"100/m\" or \"1/90s\""
        let rate = try fields.setting("rate", rule) { $0.string.flatMap(RateLimit.init(text:)) }
        let burst = try fields.integer("burst", in: 1...1_000_000)
        guard let burst else { return rate }
        guard case .to(var limit) = rate else {
            throw FieldError(
                path: fields.place("burst"), value: "\(burst)", reason: "belongs to \"rate\", which is missing")
        }
        limit.burst = burst
        return .to(limit)
    }

    package var json: JSONValue {
        .object(present: [
            "slots": slots.map { .number($0) }, "min_slots": leastSlots.map { .number($0) },
            "mode": mode.map { .string($0.word) },
            "rate": rate.map { $0.json { .string($0.text) } },
            "burst": rate.flatMap { if case .to(let limit) = $0 { .number(limit.burst) } else { nil } },
            "max_pending": maxPending.map { $0.json { .number($0) } },
            "aging": aging.map { $0.json { .string($0.berthText) } },
            "pre_step": preStep.map { $0.json { $0.json(.before) } },
            "post_step": postStep.map { $0.json { $0.json(.after) } },
        ])
    }
}

extension QueueChange.Setting {
    fileprivate func json(_ write: (Value) -> JSONValue) -> JSONValue {
        switch self {
        case .none: "none"
        case .to(let value): write(value)
        }
    }
}

extension FieldReader {
    /// A value, or the word `none`.
    mutating func setting<Value>(
        _ name: String, _ rule: String, _ read: (JSONValue) -> Value?
    ) throws(FieldError) -> QueueChange.Setting<Value>? {
        try convert(name, rule) { $0.string == "none" ? QueueChange.Setting.none : read($0).map { .to($0) } }
    }
}
