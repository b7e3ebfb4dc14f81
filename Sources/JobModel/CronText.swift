/// A cron schedule as people write it: an optional `TZ=` or `CRON_TZ=` prefix, then fields, a word, or `@every`.
package struct CronText: Hashable, Sendable {
    package enum Rule: Hashable, Sendable {
        case fields(WallRule)
        /// Whole seconds, at least one.
        case every(Duration)
        /// `@manual`, `@triggered`, `@none`: nothing but a trigger.
        case never
    }

    /// The name in the prefix; whether there is such a zone is not known here.
    package let zone: String?
    package let rule: Rule
    /// Byte position of the zone's name.
    let zonePosition: Int

    /// Refuses what can never fire, too.
    package init(_ text: String, dayRule: DayRule = .robfig) throws(ScheduleError) {
        do throws(Refusal) {
            var reader = try CronTextReader(text)
            zonePosition = reader.zonePosition
            zone = try reader.zone()
            rule = try reader.rule(dayRule)
        } catch {
            throw ScheduleError(text: text, position: error.position, reason: error.reason)
        }
    }
}

private struct CronTextReader {
    let bytes: [UInt8]
    var rest: Range<Int>

    /// Words for no timer at all.
    private static let idle = ["@manual", "@none", "@triggered"]

    private static let words = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    init(_ text: String) throws(Refusal) {
        let reader = try ByteReader(text)
        guard !reader.isAtEnd else {
            throw Refusal(position: 0, reason: "it is empty: write 5 to 7 fields, or a word such as @daily")
        }
        bytes = reader.bytes
        rest = reader.position..<reader.end
    }

    private var prefixLength: Int {
        ["TZ=", "CRON_TZ="].first { bytes[rest].starts(with: $0.utf8) }?.utf8.count ?? 0
    }

    var zonePosition: Int { rest.lowerBound + prefixLength }

    mutating func zone() throws(Refusal) -> String? {
        guard prefixLength > 0 else { return nil }
        let start = zonePosition
        let end = bytes[rest].firstIndex(where: isBlank) ?? rest.upperBound
        guard ZoneRules.isName(bytes[start..<end]) else {
            throw Refusal(position: start, reason: "a zone is named like Europe/Berlin, right after the \"=\"")
        }
        rest = end..<rest.upperBound
        skipBlanks()
        guard !rest.isEmpty else { throw Refusal(position: end, reason: "fields are missing after the zone") }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    mutating func rule(_ dayRule: DayRule) throws(Refusal) -> CronText.Rule {
        if bytes[rest.lowerBound] == UInt8(ascii: "@") { return try word(dayRule) }
        let fields = fields(in: bytes, rest)
        guard (5...7).contains(fields.count) else {
            throw Refusal(
                position: rest.lowerBound,
                reason:
                    "\(fields.count) fields; it takes 5 (minute hour day month weekday), 6 with seconds before them, "
                    + "or 7 with years after them")
        }
        return .fields(try WallRule(bytes, fields: fields, dayRule: dayRule))
    }

    private mutating func word(_ dayRule: DayRule) throws(Refusal) -> CronText.Rule {
        let start = rest.lowerBound
        let end = bytes[rest].firstIndex(where: isBlank) ?? rest.upperBound
        let word = String(decoding: bytes[start..<end], as: UTF8.self).lowercased()
        rest = end..<rest.upperBound
        skipBlanks()
        if word == "@every" { return .every(try interval()) }
        let meaning = CronTextReader.words[word]
        let isIdle = CronTextReader.idle.contains(word)
        guard meaning != nil || isIdle else { throw Refusal(position: start, reason: refusal(of: word)) }
        guard rest.isEmpty else { throw Refusal(position: rest.lowerBound, reason: "nothing may follow \(word)") }
        guard let meaning else { return .never }
        let plain = Array(meaning.utf8)
        return .fields(try WallRule(plain, fields: fields(in: plain, 0..<plain.count), dayRule: dayRule))
    }

    private func refusal(of word: String) -> String {
        if word == "@reboot" || word == "@startup" {
            return
                "\(word) is no time, and a host that restarts would repeat the job: trigger it when the machine starts"
        }
        let known = CronTextReader.words.keys + CronTextReader.idle + ["@every"]
        return "\(word.prefix(40)) is not one of \(known.sorted().joined(separator: " "))"
    }

    private func interval() throws(Refusal) -> Duration {
        guard let duration = Duration(durationText: bytes[rest], days: false) else {
            throw Refusal(
                position: rest.lowerBound, reason: "@every wants a duration such as 1h30m, in h, m, s, ms, us, ns")
        }
        // Fractions of a second are cut, as in other readers of @every.
        let seconds = duration.components.seconds
        guard seconds >= 1 else {
            throw Refusal(position: rest.lowerBound, reason: "@every wants one second or more")
        }
        return .seconds(seconds)
    }

    private func fields(in bytes: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        bytes[range].split(whereSeparator: isBlank).map(\.indices)
    }

    private mutating func skipBlanks() {
        rest = (bytes[rest].firstIndex { !isBlank($0) } ?? rest.upperBound)..<rest.upperBound
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
