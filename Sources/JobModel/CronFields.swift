extension WallRule {
    /// `fields` are byte ranges of `bytes`, 5 to 7 of them.
    init(_ bytes: [UInt8], fields: [Range<Int>], dayRule: DayRule) throws(Refusal) {
        let withSeconds = fields.count > 5
        var rest = fields[...]
        func read(_ field: CronField, _ range: Range<Int>?) throws(Refusal) -> CronFieldValue {
            guard let range else { throw Refusal(position: bytes.count, reason: "the \(field.name) is missing") }
            var reader = CronFieldReader(bytes, range, field)
            return try reader.read()
        }
        let second = withSeconds ? try read(.second, rest.popFirst()) : CronFieldValue(values: [0])
        let minute = try read(.minute, rest.popFirst())
        let hour = try read(.hour, rest.popFirst())
        let day = try read(.day, rest.popFirst())
        let month = try read(.month, rest.popFirst())
        let plus = rest.first.map { bytes[$0.lowerBound] == UInt8(ascii: "+") } ?? false
        let weekday = try read(.weekday, rest.popFirst().map { plus ? $0.dropFirst() : $0 })
        let year = rest.isEmpty ? nil : try read(.year, rest.popFirst())

        pattern = WallPattern(
            times: .fields(hours: hour.mask(), minutes: minute.mask(), seconds: second.mask()),
            days: WallDays(day, weekday, both: plus || WallRule.mustMatchBoth(day, weekday, dayRule)),
            months: UInt32(month.mask()),
            years: year.flatMap { $0.hasStar ? nil : $0.values.sorted() })
        isFixed = !(second.isOpen(of: 60) || minute.isOpen(of: 60) || hour.isOpen(of: 24))
        guard pattern.canMatch else {
            throw Refusal(position: fields[withSeconds ? 3 : 2].lowerBound, reason: "no such date ever comes")
        }
    }

    private static func mustMatchBoth(_ day: CronFieldValue, _ weekday: CronFieldValue, _ rule: DayRule) -> Bool {
        switch rule {
        case .robfig: day.hasStar || weekday.hasStar
        case .vixie: day.beginsWithStar || weekday.beginsWithStar
        case .and: true
        }
    }
}

extension CronFieldValue {
    fileprivate func isOpen(of count: Int) -> Bool { hasOpenItem || values.count == count }
}

extension WallDays {
    fileprivate init(_ day: CronFieldValue, _ weekday: CronFieldValue, both: Bool) {
        self = day.special
        days = UInt32(day.mask())
        weekdays = UInt32(weekday.mask())
        numbered = weekday.special.numbered
        lasts = weekday.special.lasts
        self.both = both
    }
}
