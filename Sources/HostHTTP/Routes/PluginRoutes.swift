import Hummingbird
import JobEngine
import JobModel

/// The files in the plugins folder and what they offer.
struct PluginRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/plugins") { _, _ in
            Response(json: ["plugins": .array(engine.catalog.plugins.map { view($0).json })])
        }
        router.get("/plugins/:id") { _, context in try plugin(try context.parameters.require("id")) }
        router.get("/components") { _, _ in
            let figures = try await engine.componentFigures()
            let components = engine.catalog.components.values.sorted { $0.name.description < $1.name.description }
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

    private func view(_ plugin: PluginRecord) -> PluginView {
        PluginView(plugin, settings: plugin.descriptor.map(engine.operatorSettings))
    }

    private func plugin(_ id: String) throws -> Response {
        let plugins = engine.catalog.plugins
        // Refused files have no id: they go by their file's name.
        let named = plugins.filter { $0.descriptor?.id == id || $0.path.hasSuffix("/\(id)") }
        // The active one stands for the id; without one, whichever there is says why.
        guard let plugin = named.first(where: { $0.state == .active }) ?? named.first else {
            let known = Set(plugins.compactMap { $0.descriptor?.id })
            throw Problem(
                .pluginNotFound,
                "There is no plugin \"\(id.excerpt)\". \(Spelling.sentence(for: id, among: Array(known)))")
        }
        return Response(json: view(plugin).json)
    }

    private func component(_ context: BasicRequestContext) async throws -> Response {
        let text = [try context.parameters.require("plugin"), try context.parameters.require("component")]
            .joined(separator: "/")
        let components = engine.catalog.components
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
