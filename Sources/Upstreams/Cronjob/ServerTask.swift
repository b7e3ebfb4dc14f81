package import JobModel

/// What the cronjob server calls a task: one execution it wants, as an event or `GET /task/<id>/` describes it. Only
/// what matters here; everything else in it is ignored.
package struct ServerTask: Hashable, Sendable {
    /// The server's word for where a task stands.
    package enum Status: Hashable, Sendable {
        case waiting, running
        /// Nothing that anybody reports changes it any more. The word.
        case final(String)
    }

    package var id: String
    package var name: String
    package var category: String
    package var command: String
    /// A text; most categories want JSON in it.
    package var args: String
    /// Seconds; 0: the task does not say.
    package var timeout: Int64
    package var savesLog: Bool
    package var status: Status
    /// Who runs it, as that worker said; empty while nobody does.
    package var workerID: String
    package var metadata: Metadata

    package struct Metadata: Hashable, Sendable {
        /// Ids or names of the workers that may run it; empty: all.
        package var workerSelect: [String] = []
        package var environment: [JSONMember] = []
        package var workingFolder = ""
    }
}

extension ServerTask {
    package init(_ json: JSONValue) throws(CronjobFault) {
        guard json.members != nil else { throw .unreadable("a task must be an object, not \(json.kind)") }
        id = try Self.text(json, "id")
        guard Self.isID(id) else { throw .unreadable("a task's \"id\" must be a UUID; it is \(id.excerpt)") }
        name = try Self.text(json, "name")
        category = try Self.text(json, "category")
        command = try Self.text(json, "command")
        args = try Self.text(json, "args")
        workerID = try Self.text(json, "worker_id")
        timeout = try Self.seconds(json["timeout"])
        savesLog = json["save_log"]?.bool ?? false
        status = Self.status(try Self.text(json, "status"), isEnded: json["time_end"] != nil)
        metadata = Metadata(json["metadata"])
    }

    private static func text(_ json: JSONValue, _ name: String) throws(CronjobFault) -> String {
        guard let value = json[name] else { return "" }
        guard let text = value.string else { throw .unreadable("\"\(name)\" must be a text; it is \(value.kind)") }
        return text
    }

    private static func seconds(_ value: JSONValue?) throws(CronjobFault) -> Int64 {
        guard let value else { return 0 }
        guard let seconds = value.integer, (0...Int64(Int32.max)).contains(seconds) else {
            throw .unreadable("\"timeout\" must be seconds; it is \(value.text.excerpt)")
        }
        return seconds
    }

    /// The server takes the first end it is told and ignores all others: whatever ended is final. A word nobody knows is
    /// final too, since no report leads out of it.
    private static func status(_ word: String, isEnded: Bool) -> Status {
        switch word {
        case _ where isEnded: .final(word)
        case "", "todo", "pending": .waiting
        case "running": .running
        default: .final(word)
        }
    }

    /// Ids go into paths and keys: nothing else may.
    package static func isID(_ text: String) -> Bool {
        let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12]
            && groups.joined().allSatisfy { Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 }
    }
}

extension ServerTask.Metadata {
    /// What cannot be read says nothing, as in the original: a worker must not run less for a member it does not know.
    init(_ json: JSONValue?) {
        guard let json else { return }
        workerSelect = json["worker_select"]?.array?.compactMap(\.string) ?? []
        environment = json["environment"]?.members?.filter { $0.value.string != nil } ?? []
        workingFolder = json["working_dir"]?.string?.trimmed ?? ""
    }
}
