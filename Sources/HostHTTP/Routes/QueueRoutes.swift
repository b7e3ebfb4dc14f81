import Hummingbird
import JobEngine
import JobModel

struct QueueRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/queues") { _, _ in
            Response(json: ["queues": .array(try await engine.queues().map { QueueView($0).json })])
        }
        router.get("/queues/:name") { _, context in
            Response(json: QueueView(try await queue(try context.name("name"))).json)
        }
        router.put("/queues/:name") { request, context in
            let name = try context.name("name")
            guard Identifier.isName(name) else {
                throw FieldError(path: "name", value: JSONValue.string(name).text, reason: FieldReader.nameRule)
            }
            let change = try QueueChange(json: try await request.json())
            // Slots make a queue; pausing a name mistyped must not.
            if !change.makesQueue { _ = try await queue(name) }
            let queue = try await engine.setQueue(name, change, actor: request.actor)
            return Response(json: QueueView(queue).json)
        }
    }

    private func queue(_ name: String) async throws -> QueueStatus {
        guard let queue = try await engine.queues().first(where: { $0.queue.name == name }) else {
            throw EngineError.queueNotFound(name)
        }
        return queue
    }
}
