import HostHTTP
import JobEngine
import JobModel

/// Waits for the end of the run of a host that has no other. A host that serves waits until guests can be started again;
/// here nobody hears that it waits.
struct StartWatch {
    let engine: JobEngine

    /// The run when it has ended or is held. Fails with what keeps it from being started.
    func end(of run: RunID) async throws -> RunRecord {
        try await withThrowingTaskGroup(of: RunRecord?.self) { group in
            group.addTask { try await engine.waitForEnd(of: run) }
            group.addTask {
                try await failWhenStuck()
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            throw EngineError.stopping
        }
    }

    /// Until it is cancelled.
    private func failWhenStuck() async throws {
        var patience = StartPatience()
        while true {
            try await Task.sleep(for: .seconds(1))
            // An engine that is stopping has its own end.
            let trouble = (try? await engine.trouble())?.trouble
            let running = try? await engine.status().counts[.running]
            if let problem = patience.problem(after: trouble, isRunning: running ?? 0 > 0) { throw Failure(problem) }
        }
    }
}

/// How long it is borne that nothing can be started: processes come and go, and attempts that run may make room.
struct StartPatience {
    /// Looks in a row.
    static let looks = 3

    private var seen = 0

    /// To be asked once a look.
    mutating func problem(after trouble: Trouble?, isRunning: Bool) -> Problem? {
        guard let problem = trouble.flatMap(Problem.init(keepsFromStarting:)), !isRunning else {
            seen = 0
            return nil
        }
        seen += 1
        return seen < Self.looks ? nil : problem
    }
}

extension Problem {
    fileprivate init?(keepsFromStarting trouble: Trouble) {
        switch trouble {
        case .room(let reason):
            self.init(
                .diskFull,
                "The run cannot be started, the disk is nearly full: \(reason). Make room, or set TMPDIR to a folder on "
                    + "another disk.")
        case .guests(let reason):
            self.init(
                .noGuests,
                "The run cannot be started, the system has no processes for guests: \(reason). Raise the limit of "
                    + "processes (ulimit -u, TasksMax) or of files, or end what uses them up.")
        case .store, .stopping: return nil
        }
    }
}
