package import JobEngine
package import JobModel

/// Something that was committed, as the event stream tells it.
package struct AnnouncementView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ announcement: Announcement) {
        switch announcement {
        case .run(let id, let state, let job, let at):
            json = .object(present: [
                "type": "run", "id": .number(id), "state": .string(state.word), "job": .text(job), "at": .instant(at),
            ])
        case .lent(let loan):
            json = ["type": "loan", "run": .number(loan.run.id), "host": .string(loan.host)]
        case .jobsChanged: json = ["type": "jobs"]
        case .pluginsChanged: json = ["type": "plugins"]
        case .plugin(let id, let what, let words, let at):
            json = [
                "type": "plugin", "id": .string(id), "what": .string(what), "reason": .string(words),
                "at": .string(at.rfc3339),
            ]
        case .queueChanged(let name): json = ["type": "queue", "name": .string(name)]
        }
    }

    /// `run`, `loan`, `jobs`, `plugins`, `plugin`, `queue`.
    package var type: String { text("type") ?? "" }
}
