import Hummingbird
import JobEngine
import JobModel

/// PUT /components/PLUGIN/COMPONENT {"at_once": 2}: how many attempts of a component may run at once, in all queues
/// together. "none" takes the limit away. The plugin need not be there.
struct LimitRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/limits") { _, _ in
            let limits = try await engine.limits().sorted { $0.key.description < $1.key.description }
            let offered = await offered()
            return Response(json: ["limits": .array(limits.map { view($0.key, $0.value, offered) })])
        }
        router.put("/components/:plugin/:component") { request, context in
            let text = [try context.name("plugin"), try context.name("component")]
                .joined(separator: "/")
            guard let name = ComponentName(text) else {
                throw FieldError(
                    path: "component", value: JSONValue.string(text).text,
                    reason: "must be plugin id, slash, component id")
            }
            var fields = try FieldReader(try await request.json())
            let setting = try fields.setting("at_once", "must be none or a whole number from 1 to 1000") {
                $0.integer.flatMap { Int(exactly: $0) }.flatMap { (1...1000).contains($0) ? $0 : nil }
            }
            let wanted = try fields.required("at_once", setting)
            try fields.finish()
            let count: Int? = if case .to(let count) = wanted { count } else { nil }
            try await engine.setLimit(of: name, atOnce: count, actor: request.actor)
            return Response(json: view(name, count, await offered()))
        }
    }

    /// What the plugins offer now, or nil while they are still being looked at.
    private func offered() async -> Set<ComponentName>? {
        let catalog = await engine.catalog
        return catalog.isComplete ? Set(catalog.components.keys) : nil
    }

    private func view(_ name: ComponentName, _ count: Int?, _ offered: Set<ComponentName>?) -> JSONValue {
        .object(present: [
            "component": .string(name.description), "at_once": count.map { .number($0) } ?? "none",
            "warning": offered.flatMap { $0.contains(name) ? nil : warning(of: name, among: $0) },
        ])
    }

    private func warning(of name: ComponentName, among offered: Set<ComponentName>) -> JSONValue {
        .string(
            "No plugin offers \(name) now. "
                + Spelling.sentence(for: name.description, among: offered.map(\.description)))
    }
}
