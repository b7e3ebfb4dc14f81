import GRDB
package import JobModel

extension JobStore {
    /// Everything that is owed to one upstream's server, in the order it came.
    package func owed(to upstream: String) async throws(StoreError) -> [OwedReport] {
        try await read { db, _ in
            // A run that is gone has nothing more to wait for.
            let sql = """
                SELECT run_id, dispatches.instance, note, received_at, silenced, CASE
                    WHEN runs.id IS NULL THEN received_at
                    WHEN runs.state >= \(RunState.succeeded.rawValue) THEN ifnull(finished_at, created_at) END
                FROM dispatches LEFT JOIN runs ON runs.id = run_id WHERE upstream = ? ORDER BY run_id
                """
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [upstream]).map { row in
                OwedReport(
                    dispatch: Dispatch(
                        upstream: upstream, instance: try row.decode(String.self, atIndex: 1),
                        note: try row.bytes(2)),
                    run: try row.decode(RunID.self, atIndex: 0), receivedAt: try row.instant(3),
                    isSilenced: try row.decode(Bool.self, atIndex: 4), endedAt: try row.instantIfAny(5))
            }
        }
    }

    /// Upstreams that something is owed to, with how much.
    package func owed() async throws(StoreError) -> [String: Int] {
        try await read { db, _ in
            let rows = try Row.fetchAll(db, sql: "SELECT upstream, count(*) FROM dispatches GROUP BY upstream")
            return try Dictionary(
                rows.map { (try $0.decode(String.self, atIndex: 0), try $0.decode(Int.self, atIndex: 1)) }
            ) { one, _ in one }
        }
    }

    /// What a run that is a part of another host's family wants made there.
    package func handedOn(by run: RunID) async throws(StoreError) -> [ChildOrder] {
        try await read { db, _ in
            let find = "SELECT children FROM dispatches WHERE run_id = ?"
            guard let text = try String.fetchOne(db, sql: find, arguments: [run]) else { return [] }
            return try JSONParser.parse(text).array?.compactMap(ChildOrder.init(json:)) ?? []
        }
    }

    /// These runs with their outputs, in one read, in the order asked for; those that are not there are left out.
    package func runs(_ ids: [RunID]) async throws(StoreError) -> [RunRecord] {
        try await read { db, blobs in
            var reader = RunReader(db, blobs)
            return try ids.compactMap { try reader.run($0) }
        }
    }

    /// The same, until they have so many bytes of params and outputs. `looked` says how many ids that are.
    package func runs(
        _ ids: [RunID], bytes most: Int
    ) async throws(StoreError) -> (runs: [RunRecord], looked: Int) {
        try await read { db, blobs in
            var reader = RunReader(db, blobs)
            var runs: [RunRecord] = []
            var looked = 0, bytes = 0
            while looked < ids.count, bytes < most {
                if let run = try reader.run(ids[looked]) {
                    runs.append(run)
                    bytes += run.params.count + run.output.count
                }
                looked += 1
            }
            return (runs, looked)
        }
    }
}
