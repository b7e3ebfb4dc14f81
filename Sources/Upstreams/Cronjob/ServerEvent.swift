import JobModel

/// What the server tells its workers.
package struct ServerEvent: Hashable, Sendable {
    package enum Action: String, Hashable, Sendable {
        /// `retry` means the same as `run`: the server makes a new task of it.
        case run, retry
        case stop, kill, timeout
    }

    package var action: Action
    /// Those that can be read.
    package var tasks: [ServerTask]
    /// What was wrong with the others.
    package var complaints: [String]

    /// One bad task does not take the others with it. Throws for what is no event of ours.
    package init(_ bytes: [UInt8]) throws(CronjobFault) {
        let json: JSONValue
        do { json = try JSONParser.parse(bytes) } catch { throw .unreadable("an event is no JSON: \(error)") }
        guard let word = json["action"]?.string else { throw .unreadable("an event has no \"action\"") }
        guard let action = Action(rawValue: word) else { throw .unreadable("nobody knows the action \(word.excerpt)") }
        self.action = action
        tasks = []
        complaints = []
        for task in json["tasks"]?.array ?? [] {
            do throws(CronjobFault) { tasks.append(try ServerTask(task)) } catch { complaints.append("\(error)") }
        }
    }
}
