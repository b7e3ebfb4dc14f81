package import JobEngine
package import JobModel

/// A file in the plugins folder. `id` and `components` come from its descriptor and are missing where none was read.
package struct PluginView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ plugin: PluginRecord, settings: OperatorSettings? = nil, crashes: [CrashReport] = []) {
        self.init(plugin, settings, nil, crashes)
    }

    /// With its story.
    package init(_ plugin: PluginRecord, settings: OperatorSettings?, told: PluginStory.Material) {
        self.init(plugin, settings, told, told.crashes)
    }

    private init(
        _ plugin: PluginRecord, _ settings: OperatorSettings?, _ told: PluginStory.Material?, _ crashes: [CrashReport]
    ) {
        let descriptor = plugin.descriptor
        json = .object(present: [
            "id": .text(descriptor?.id ?? told.flatMap { $0.id.isEmpty ? nil : $0.id }),
            "version": .text(descriptor?.version),
            "vendor": .text(descriptor?.vendor),
            "abi": descriptor.map { .string("\($0.abiVersion >> 16).\($0.abiVersion & 0xFFFF)") },
            "state": .string(plugin.state.rawValue),
            "reason": .text(plugin.reason),
            "warning": .text(plugin.warning),
            "path": .string(plugin.path),
            "digest": plugin.digest.isEmpty ? nil : .string(plugin.digest),
            "arrived_at": .instant(plugin.arrivedAt),
            "grants": settings.map { .texts($0.grants) },
            "not_granted": settings.map { .texts($0.refusals) },
            "sandbox": .text(settings?.sandbox),
            "guests": .text(settings?.guests),
            "secrets": settings.map { .texts($0.secrets) },
            "configured": settings.map { .bool($0.isConfigured) },
            "components": .array(
                (descriptor?.components ?? []).map { ComponentView($0, plugin: descriptor?.id ?? "").json }),
            "standing": told.map { Self.json($0.standing) },
            "quarantined": .texts(crashes.filter(\.isQuarantine).map(\.record.name)),
            "crashes": told == nil || crashes.isEmpty ? nil : .array(crashes.map(\.json)),
            "story": told.map { .texts(PluginStory(plugin, $0).sentences) },
        ])
    }

    /// With what this machine cannot give to its sandbox.
    package func with(sandboxGaps gaps: [String]) -> PluginView {
        PluginView(json: .object((json.members ?? []) + [JSONMember("sandbox_gaps", .texts(gaps))]))
    }

    package var sandboxGaps: [String] { texts("sandbox_gaps") }
    /// Of a plugin that no file holds. `jobs`: how many run what it held.
    package init(gone id: String, _ standing: PluginStanding, jobs: Int = 0, leaving: [LeavingAttempts] = []) {
        let told = PluginStory.Material(id: id, standing: standing, leaving: leaving, now: SystemClock.now)
        json = .object(present: [
            "id": .string(id), "version": .text(standing.lineage.current?.version), "state": "gone",
            "reason": jobs == 0
                ? nil
                : .string(
                    "no file in the plugins folder holds it any more; \(jobs == 1 ? "a job waits" : "\(jobs) jobs wait") for it"
                ),
            "digest": .text(standing.lineage.current?.digest), "standing": Self.json(standing),
            "story": .texts(PluginStory(gone: told).sentences),
            "components": [],
        ])
    }

    private static func json(_ standing: PluginStanding) -> JSONValue {
        .object(present: [
            "generation": standing.lineage.current.map { .number($0.number) },
            "since": .instant(standing.lineage.current?.since),
            "gone_since": .instant(standing.lineage.goneSince),
            "disabled": standing.disabled.map { json($0) },
            "kept": .array(standing.lineage.generations.reversed().map { json($0, standing.setAside[$0.digest]) }),
        ])
    }

    private static func json(_ generation: Generation, _ aside: SetAside?) -> JSONValue {
        .object(present: [
            "generation": .number(generation.number), "version": .string(generation.version),
            "digest": .string(generation.digest), "file": .string(generation.file),
            "since": .instant(generation.since), "set_aside": aside.map { json($0.ruling) },
        ])
    }

    private static func json(_ ruling: Ruling) -> JSONValue {
        .object(present: ["by": .string(ruling.by), "reason": .text(ruling.reason), "at": .instant(ruling.at)])
    }

    package var id: String? { text("id") }
    package var version: String? { text("version") }
    package var state: String { text("state") ?? "" }
    package var reason: String? { text("reason") }
    /// Names of its components that are left alone, or its own.
    package var quarantined: [String] { (json["quarantined"]?.array ?? []).compactMap(\.string) }
    package var warning: String? { text("warning") }
    /// What a person needs to know, in sentences.
    package var story: [String] { (json["story"]?.array ?? []).compactMap(\.string) }
    package var path: String { text("path") ?? "" }
    package var components: [ComponentView] { views("components") }
    package var grants: [String] { texts("grants") }
    package var notGranted: [String] { texts("not_granted") }

    private func texts(_ name: String) -> [String] { (json[name]?.array ?? []).compactMap(\.string) }
}
