import JobModel

/// Who we are to the server.
package struct WorkerIdentity: Hashable, Sendable {
    /// A UUID; the server knows workers by it.
    package var id: String
    /// Unique there: a second id with a name is never entered, and the server does not say so.
    package var name: String
    package var description: String
    /// What we take. The server sends nothing else, once it has entered us.
    package var categories: [String]
    package var team: String

    package init(id: String, name: String, description: String, categories: [String], team: String = "") {
        self.id = id
        self.name = name
        self.description = description
        self.categories = categories
        self.team = team
    }
}

/// An event of ours as JSON, in the order and spelling of the original.
package struct WorkerEvent: Hashable, Sendable {
    package let json: [UInt8]

    /// The first message of every connection. Nobody answers it.
    package static func registration(of worker: WorkerIdentity, key: String) -> WorkerEvent {
        let data: JSONValue = [
            "name": .string(worker.name), "id": .string(worker.id), "description": .string(worker.description),
            "working_dir": ".", "metadata": ["tasks": .texts(worker.categories)],
        ]
        return WorkerEvent("regist_worker", task: "", data, worker, key: key)
    }

    package static func update(
        _ task: String, _ report: TaskUpdate, by worker: WorkerIdentity, key: String
    ) -> WorkerEvent {
        WorkerEvent("task_update", task: task, report.data, worker, key: key)
    }

    private init(_ action: String, task: String, _ data: JSONValue, _ worker: WorkerIdentity, key: String) {
        let event: JSONValue = [
            "action": .string(action), "worker_id": .string(worker.id), "task_id": .string(task), "data": data,
            // As it is: the word Bearer belongs to HTTP.
            "api_key": .string(key), "team_id": .string(worker.team),
        ]
        json = event.bytes
    }
}
