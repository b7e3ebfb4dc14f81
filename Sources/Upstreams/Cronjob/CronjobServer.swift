package import AsyncHTTPClient
import Foundation
package import JobModel
import NIOCore
import NIOHTTP1

/// The server's REST half. Every call is one request; nothing is tried twice.
package struct CronjobServer: Sendable {
    private let client: HTTPClient
    /// Ends before the slash: `http://host:8000/api/v1`.
    private let base: String
    private let key: String
    private let team: String
    private let patience: Duration

    /// The client stays the caller's.
    package init(client: HTTPClient, base: String, key: String, team: String, patience: Duration) {
        self.client = client
        self.base = base
        self.key = key
        self.team = team
        self.patience = patience
    }

    // MARK: Locks, whose paths end without a slash

    /// The value that proves the lock ours; nil: somebody else has it. `key` goes into the query as it is.
    package func acquire(_ key: String, for time: Int) async throws(CronjobFault) -> String? {
        let data = try await get("/lock/acquire?key=\(key)&expire=\(time)")
        guard data["success"]?.bool == true else { return nil }
        guard let value = data["value"]?.string, !value.isEmpty else {
            throw .unreadable("a lock was acquired and has no value")
        }
        return value
    }

    /// False: it is not ours any more.
    package func refresh(_ key: String, _ value: String, for time: Int) async throws(CronjobFault) -> Bool {
        do throws(CronjobFault) {
            let data = try await get("/lock/refresh?key=\(key)&value=\(Self.escaped(value))&expire=\(time)")
            return data["status"]?.string == "success"
        } catch {
            if case .refused(400, _) = error { return false }
            throw error
        }
    }

    package func release(_ key: String, _ value: String) async throws(CronjobFault) {
        _ = try await get("/lock/release?key=\(key)&value=\(Self.escaped(value))")
    }

    // MARK: All else, whose paths end with one

    /// The task as it stands; nil: the server has none of this id.
    package func task(_ id: String) async throws(CronjobFault) -> ServerTask? {
        guard let data = try await found("/task/\(id)/") else { return nil }
        return try ServerTask(data)
    }

    /// Adds to the log that the server keeps of a task, which has so many bytes then; nil: it does not say. `content` is
    /// not empty.
    package func append(_ content: String, toLogOf task: String) async throws(CronjobFault) -> Int64? {
        let body: JSONValue = ["content": .string(content), "storage": ""]
        return try await call(.POST, "/tasklog/\(task)/append/", body).logSize("size")
    }

    /// How many bytes of a task's log the server has; nil: it does not say.
    package func logSize(of task: String) async throws(CronjobFault) -> Int64? {
        guard let log = try await found("/tasklog/\(task)/") else { return 0 }
        return log.logSize("size")
    }

    /// Nil where the server has no row of this name, or one that makes no sense.
    package func category(_ code: String) async throws(CronjobFault) -> CategoryRow? {
        try await found("/category/\(Self.escaped(code))/").flatMap(CategoryRow.init)
    }

    /// What is secret in a credential: its `value`.
    package func credential(_ id: String) async throws(CronjobFault) -> JSONValue {
        let data = try await call(.POST, "/credentials/\(Self.escaped(id))/decrypt/")
        guard data["is_active"]?.bool == true else { throw .unreadable("the credential \(id.excerpt) is not active") }
        guard let value = data["value"], value.members != nil else {
            throw .unreadable("the credential \(id.excerpt) has no value")
        }
        return value
    }

    /// The name under which the server has entered this worker; nil: it has not.
    package func worker(_ id: String) async throws(CronjobFault) -> String? {
        try await found("/worker/\(id)/")?["name"]?.string
    }

    // MARK: Requests

    /// For a query or one part of a path.
    package static func escaped(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "-._~").union(.urlLetters)
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
    }

    private func get(_ path: String) async throws(CronjobFault) -> JSONValue { try await call(.GET, path) }

    private func found(_ path: String) async throws(CronjobFault) -> JSONValue? {
        do throws(CronjobFault) { return try await get(path) } catch {
            if case .refused(404, _) = error { return nil }
            throw error
        }
    }

    /// The `data` of the answer.
    private func call(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil
    ) async throws(CronjobFault) -> JSONValue {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        // Without it the server reads the body as a form.
        request.headers.add(name: "Content-Type", value: "application/json")
        if !key.isEmpty { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        if !team.isEmpty { request.headers.add(name: "X-TEAM-ID", value: team) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body.bytes)) }
        let answer = try await exchange(request)
        return try Self.data(in: answer.body.readableBytesView, status: answer.status)
    }

    /// A server sends who is wrong about a slash to another path of its own. Nobody else is given what is meant for it.
    private func exchange(_ request: HTTPClientRequest) async throws(CronjobFault) -> WholeAnswer {
        let answer = try await once(request)
        guard let location = answer.location, Self.leadsOn(answer.status, request.method) else { return answer }
        guard let url = Self.url(location, from: request.url) else {
            throw .refused(status: answer.status, "it sends us to another server, \(location.excerpt)")
        }
        var next = request
        next.url = url
        return try await once(next)
    }

    private func once(_ request: HTTPClientRequest) async throws(CronjobFault) -> WholeAnswer {
        do {
            return try await client.exchange(request, within: patience, most: 8 << 20)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    /// With the same method and body.
    private static func leadsOn(_ status: Int, _ method: HTTPMethod) -> Bool {
        [307, 308].contains(status) || (method == .GET && [301, 302].contains(status))
    }

    /// Nil where that is on another server.
    private static func url(_ location: String, from: String) -> String? {
        guard let here = URL(string: from), let there = URL(string: location, relativeTo: here)?.absoluteURL,
            there.scheme == here.scheme, there.host == here.host, there.port == here.port
        else { return nil }
        return there.absoluteString
    }

    /// `{"code": 0, "data": …, "message": "ok"}`
    package static func data(
        in bytes: some Sequence<UInt8>, status: Int
    ) throws(CronjobFault) -> JSONValue {
        let json = try? JSONParser.parse(bytes)
        let message = json?["message"]?.string ?? json?["error"]?.string ?? ""
        guard (200..<300).contains(status) else { throw .refused(status: status, message.excerpt) }
        guard let json, let code = json["code"]?.integer else {
            throw .unreadable("what answers there is not a cronjob server: no JSON with a \"code\"")
        }
        guard code == 0 else { throw .refused(status: Int(truncatingIfNeeded: code), message.excerpt) }
        return json["data"] ?? .null
    }
}

extension CharacterSet {
    fileprivate static let urlLetters = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
}

extension JSONValue {
    /// A number of bytes; nil: none is said, or one that can be none.
    func logSize(_ name: String) -> Int64? { self[name]?.integer.flatMap { $0 < 0 ? nil : $0 } }
}

/// What the server says of a category: how a machine is made ready for it.
package struct CategoryRow: Hashable, Sendable {
    package var check: String
    package var setup: String

    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.integer, id >= 0 else { return nil }
        check = json["check"]?.string ?? ""
        setup = json["setup"]?.string ?? ""
    }
}
