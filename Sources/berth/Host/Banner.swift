import HostHTTP
import JobEngine
import JobModel
import JobStore
import PluginCatalog

/// The few lines a host begins with.
struct Banner {
    var status: EngineStatus
    var home: String
    var plugins: String
    var catalog: CatalogSnapshot
    /// Address of the TCP door; nil when there is none.
    var address: String?

    var lines: [String] {
        let facts = status.store
        var lines = [
            "berth \(berthVersion)  SQLite \(facts.sqliteVersion), \(facts.journalMode.uppercased()), synchronous "
                + "\(facts.synchronous), zone UTC",
            "home     \(home)",
            "plugins  \(pluginWords) in \(plugins)",
            "address  \(address.map { "\($0) and " } ?? "")\(home)/berth.sock",
        ]
        if let words = status.schedules.words { lines.append("schedules \(words)") }
        return lines
    }

    private var pluginWords: String {
        func count(_ state: PluginRecord.State) -> Int { catalog.plugins.count { $0.state == state } }
        let active = "\(count(.active)) active (\(catalog.components.count) components)"
        let others: [(PluginRecord.State, String)] = [
            (.rejected, "rejected"), (.shadowed, "shadowed"), (.checking, "being checked"),
            (.disabled, "disabled"), (.setAside, "set aside"),
        ]
        return ([active] + others.filter { count($0.0) > 0 }.map { "\(count($0.0)) \($0.1)" }).joined(separator: ", ")
    }

    var json: JSONValue {
        .object(present: [
            "version": .string(berthVersion), "sqlite": .string(status.store.sqliteVersion),
            "journal_mode": .string(status.store.journalMode), "synchronous": .string(status.store.synchronous),
            "zone": "UTC", "home": .string(home), "plugins_folder": .string(plugins),
            "plugins": .number(catalog.plugins.count { $0.state == .active }),
            "components": .number(catalog.components.count), "address": address.map(JSONValue.string),
            "socket": .string("\(home)/berth.sock"), "schedules": .string(status.schedules.word),
        ])
    }
}
