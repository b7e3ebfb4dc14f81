import Foundation
import JobModel
import Synchronization
import TestSupport
import Testing

/// `Tests/Fixtures/cron-vectors.json`: fire times on which independent cron implementations agree.
struct CronVectors: Decodable {
    struct Vector: Decodable {
        var id: String
        var expr: String
        var tz: String
        var zone_used: String?
        var from: String
        var next: [String]
        var next_literal: [String]?
        var next_by_day_rule: [String: [String]]?
        var dst_class: String
    }

    struct Previous: Decodable {
        var id: String
        var expr: String
        var tz: String
        var at: String
        var prev: String
        var prev_literal: String?
    }

    struct Window: Decodable {
        var id: String
        var expr: String
        var tz: String
        var after: String
        var until: String
        var count: Int
        var count_literal: Int?
        var first: String?
        var last: String?
    }

    struct Every: Decodable {
        var expr: String
        var recommended: String
        var from: String?
        var next_epoch: [Int64]?
    }

    struct Syntax: Decodable {
        var expr: String
        var why: String
        var verdict: String
    }

    struct Daily: Decodable {
        var schedule: String
        var seed_accepts: Bool
        var cron: String?
        var meaning: String?
    }

    struct DurationCase: Decodable {
        var schedule: String
        var seconds: Double?
    }

    struct Calendar: Decodable {
        var expr: String
        var base: String
        var normalized: String?
        var next: [String]?
        var verdict: String?
    }

    var vectors: [Vector]
    var prev: [Previous]
    var windows: [Window]
    var every: [Every]
    var syntax: [Syntax]
    var daily_type: [Daily]
    var duration_type: [DurationCase]
    var oncalendar: [Calendar]

    static let all = Result {
        let file = Checkout.root.appendingPathComponent("Tests/Fixtures/cron-vectors.json")
        return try JSONDecoder().decode(CronVectors.self, from: Data(contentsOf: file))
    }
}

/// The zone files of the machine.
enum SystemZones {
    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)")))
    }

    /// Each zone is read once: many tests go through all of them.
    static func rules(_ name: String) throws -> ZoneRules {
        if let rules = known.withLock({ $0[name] }) { return rules }
        let rules = try ZoneRules(tzif: bytes(name), name: name)
        known.withLock { $0[name] = rules }
        return rules
    }

    private static let known = Mutex<[String: ZoneRules]>([:])

    /// The names in zone1970.tab.
    static func names() throws -> [String] {
        let table = try String(contentsOfFile: "/usr/share/zoneinfo/zone1970.tab", encoding: .utf8)
        return table.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { $0.split(separator: "\t").dropFirst(2).first.map(String.init) }
    }
}
