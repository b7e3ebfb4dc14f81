import Foundation
import JobModel

// Both with and without a slash at the end, as the real one answers after a redirection.
extension CronjobStandIn {
    func route(_ request: Request) -> (Int, JSONValue)? {
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.first, parts.count) {
        case ("GET", "lock", 2): return lock(parts[1], request)
        case ("GET", "task", 2): return tasks[parts[1]].map { Self.good(.object($0)) }
        case ("GET", "category", 2): return categories[parts[1]].map(Self.good)
        case ("GET", "worker", 2):
            return workers[parts[1]].map { Self.good(["id": .string(parts[1]), "name": .string($0)]) }
        case ("GET", "tasklog", 2):
            return logs[parts[1]].map { Self.good(["task_id": .string(parts[1]), "size": .number($0.utf8.count)]) }
        case ("POST", "tasklog", 3): return append(request, parts[1])
        case ("POST", "credentials", 3): return credentials[parts[1]].map(Self.good)
        default: return nil
        }
    }

    private static func good(_ data: JSONValue) -> (Int, JSONValue) {
        (200, ["code": 0, "data": data, "message": "ok"])
    }

    private func append(_ request: Request, _ task: String) -> (Int, JSONValue) {
        // Without this header the real one reads a form.
        guard request.headers["content-type"] == "application/json",
            let content = (try? JSONParser.parse(request.body))?["content"]?.string, !content.isEmpty
        else { return (400, ["code": 400, "message": "content is missing"]) }
        return Self.good(["task_id": .string(task), "size": .number(note(log: content, of: task))])
    }

    private func lock(_ verb: String, _ request: Request) -> (Int, JSONValue) {
        guard let key = request.value("key")?.removingPercentEncoding, !key.isEmpty else {
            return (400, ["code": 400, "message": "key is missing"])
        }
        let now = ContinuousClock.now
        let held = locks[key].flatMap { $0.until > now ? $0 : nil }
        let time = Duration.seconds(request.value("expire").flatMap { Int($0) } ?? 60)
        let isOurs = held != nil && held?.value == request.value("value")
        switch verb {
        case "acquire":
            guard held == nil else {
                return Self.good([
                    "key": .string(key), "success": false, "status": "failed", "value": "",
                    "message": "lock already acquired",
                ])
            }
            let value = UUID().uuidString.replacing("-", with: "").lowercased()
            locks[key] = (value, now + time)
            return Self.good(["key": .string(key), "value": .string(value), "success": true, "status": "success"])
        case "refresh":
            guard isOurs, let held else { return (400, ["code": 400, "message": "lock is not held"]) }
            locks[key] = (held.value, now + time)
            return Self.good(["key": .string(key), "status": "success", "success": true])
        case "release":
            guard isOurs else { return (500, ["code": 500, "message": "lock is not held"]) }
            locks[key] = nil
            return Self.good(["key": .string(key), "status": "success"])
        default: return (404, ["code": 404])
        }
    }
}
