import GRDB

/// The lanes that have pending runs, found by jumping through the index `ready` from one to the next: as many steps as
/// there are lanes, however many runs wait in them.
struct Lanes {
    struct IDs {
        var queue: Int64
        var component: Int64
        var priority: Int64
    }

    let db: Database

    init(_ db: Database) {
        self.db = db
    }

    /// Of one queue, or of all.
    func ids(queue: Int64? = nil) throws -> [IDs] {
        var lanes: [IDs] = []
        // Every place is after this one: ids begin at 1.
        var place = IDs(queue: queue ?? 0, component: queue == nil ? .max : 0, priority: 0)
        while let next = try lane(after: place), queue == nil || next.queue == queue {
            lanes.append(next)
            place = next
        }
        return lanes
    }

    /// Three narrow searches instead of one comparison of triples: each is a seek, whatever the planner makes of rows.
    private func lane(after place: IDs) throws -> IDs? {
        try first("queue_id = ? AND component_id = ? AND priority > ?", [place.queue, place.component, place.priority])
            ?? first("queue_id = ? AND component_id > ?", [place.queue, place.component])
            ?? first("queue_id > ?", [place.queue])
    }

    private func first(_ condition: String, _ arguments: StatementArguments) throws -> IDs? {
        let sql = """
            SELECT queue_id, component_id, priority FROM runs INDEXED BY ready
            WHERE state = 0 AND open_children = 0 AND \(condition)
            ORDER BY queue_id, component_id, priority LIMIT 1
            """
        return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments).map { row in
            IDs(
                queue: try row.decode(Int64.self, atIndex: 0), component: try row.decode(Int64.self, atIndex: 1),
                priority: try row.decode(Int64.self, atIndex: 2))
        }
    }
}
