import Hummingbird
import JobEngine
import JobModel

/// The files in the plugins folder and what they offer. All of it is what the engine goes by: a run that is enqueued after an
/// answer runs as the answer says.
struct PluginRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/plugins") { _, _ in
            let streaks = try await engine.crashStreaks().map { CrashReport($0) }
            let there = await engine.catalog.plugins.map { view($0, streaks).json }
            return Response(json: ["plugins": .array(there + (try await missed()))])
        }
        router.get("/plugins/:id") { _, context in
            try await plugin(try context.name("id"))
        }
        addOrders(to: router)
        addList(to: router)
        router.get("/components") { _, _ in
            let figures = try await engine.componentFigures()
            let components = await engine.catalog.components.values.sorted { $0.name.description < $1.name.description }
            return Response(
                json: [
                    "components": .array(
                        components.map {
                            ComponentView($0.descriptor, plugin: $0.name.plugin, figures: figures[$0.name]).json
                        })
                ])
        }
        router.get("/components/:plugin/:component") { _, context in try await component(context) }
    }

    /// What people have done about a plugin. Each answers with the plugin as it is then.
    private func addOrders(to router: RouterGroup<BasicRequestContext>) {
        router.post("/plugins/:id/disable") { request, context in
            let id = try context.name("id")
            try await engine.disablePlugin(id, actor: request.actor, reason: try await reason(request))
            return try await plugin(id)
        }
        router.post("/plugins/:id/enable") { _, context in
            let id = try context.name("id")
            try await engine.enablePlugin(id)
            return try await plugin(id)
        }
        router.post("/plugins/:id/rollback") { request, context in
            let id = try context.name("id")
            try await engine.rollBackPlugin(id, actor: request.actor, reason: try await reason(request))
            return try await plugin(id)
        }
        router.post("/plugins/:id/release") { _, context in
            let id = try context.name("id")
            try await engine.releasePlugin(id)
            return try await plugin(id)
        }
    }

    /// Which plugins may be used. `_allowed` can be nobody's id.
    private func addList(to router: RouterGroup<BasicRequestContext>) {
        router.get("/plugins/_allowed") { _, _ in Response(json: await AllowedPluginsView(engine).json) }
        router.put("/plugins/_allowed/:digest") { request, context in
            try await engine.allowPlugin(try context.name("digest"), actor: request.actor)
            return Response(json: await AllowedPluginsView(engine).json)
        }
        router.delete("/plugins/_allowed/:digest") { _, context in
            try await engine.forbidPlugin(try context.name("digest"))
            return Response(json: await AllowedPluginsView(engine).json)
        }
    }

    /// {"reason": "…"}, or no body.
    private func reason(_ request: Request) async throws -> String? {
        var fields = try FieldReader(try await request.jsonIfAny())
        let reason = try fields.string("reason")
        try fields.finish()
        return reason
    }

    /// Plugins that no file holds any more and jobs still name.
    private func missed() async throws -> [JSONValue] {
        let catalog = await engine.catalog
        let there = Set(catalog.plugins.compactMap { $0.descriptor?.id })
        let wanted = try await engine.definitions().compactMap { ComponentName($0.definition.component)?.plugin }
        let jobs = Dictionary(grouping: wanted.filter { !there.contains($0) }) { $0 }.mapValues(\.count)
        return jobs.sorted { $0.key < $1.key }.compactMap { id, count in
            guard let standing = catalog.standings[id], catalog.records(of: id).isEmpty else { return nil }
            return PluginView(gone: id, standing, jobs: count).json
        }
    }

    private func view(_ plugin: PluginRecord, _ streaks: [CrashReport]) -> PluginView {
        let own = streaks.filter { $0.record.plugin == plugin.descriptor?.id && $0.record.digest == plugin.digest }
        return PluginView(plugin, settings: plugin.descriptor.map(engine.operatorSettings), crashes: own)
    }

    /// With the last lines of what crashed.
    private func crashes(of plugin: String) async throws -> [CrashReport] {
        var reports: [CrashReport] = []
        for record in try await engine.crashStreaks() where record.plugin == plugin {
            let evidence = record.streak.evidence
            let page = try? await engine.logs(of: evidence.run, after: 0, limit: 1000)
            let lines = (page?.lines ?? []).filter { $0.attempt == evidence.attempt }
            reports.append(CrashReport(record, lines: lines.suffix(5).map(\.text)))
        }
        return reports
    }

    /// By its id, or by the name of a file: refused ones have no id.
    private func plugin(_ name: String) async throws -> Response {
        let catalog = await engine.catalog
        let file = catalog.records(ofFile: name)
        let id = file.isEmpty ? name : catalog.owner(ofFile: name) ?? ""
        let all = catalog.records(of: id)
        let standing = catalog.standings[id]
        // What is used stands for the id; if nothing is, whichever there is says why.
        guard let plugin = file.first ?? all.first(where: \.isInUse) ?? all.first else {
            guard let standing else { throw unknown(name, catalog.plugins) }
            let leaving = await LeavingAttempts.all(of: standing, engine)
            return Response(json: PluginView(gone: id, standing, leaving: leaving).json)
        }
        let told = PluginStory.Material(
            id: id, standing: standing ?? PluginStanding(lineage: Lineage()),
            others: (file + all.filter { !file.contains($0) }).filter { $0 != plugin },
            crashes: try await crashes(of: id).filter { crash in
                crash.record.digest == plugin.digest
                    || all.contains { $0.isInUse && $0.digest == crash.record.digest }
            },
            leaving: await LeavingAttempts.all(of: standing, engine), now: SystemClock.now)
        let view = PluginView(plugin, settings: plugin.descriptor.map(engine.operatorSettings), told: told)
        guard let descriptor = plugin.descriptor else { return Response(json: view.with(sandboxGaps: []).json) }
        return Response(json: view.with(sandboxGaps: await engine.sandboxGaps(of: descriptor)).json)
    }

    private func unknown(_ name: String, _ plugins: [PluginRecord]) -> Problem {
        let known = Set(plugins.compactMap { $0.descriptor?.id })
        return Problem(
            .pluginNotFound,
            "There is no plugin \"\(name.excerpt)\". \(Spelling.sentence(for: name, among: Array(known)))")
    }

    private func component(_ context: BasicRequestContext) async throws -> Response {
        let text = [try context.name("plugin"), try context.name("component")]
            .joined(separator: "/")
        let components = await engine.catalog.components
        guard let name = ComponentName(text), let component = components[name] else {
            throw Problem(
                .componentNotFound,
                "There is no component \"\(text.excerpt)\". "
                    + Spelling.sentence(for: text, among: components.keys.map(\.description)))
        }
        let figures = try await engine.componentFigures()[name]
        return Response(json: ComponentView(component.descriptor, plugin: name.plugin, figures: figures).json)
    }
}
