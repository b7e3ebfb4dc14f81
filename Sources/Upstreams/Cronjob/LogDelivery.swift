import JobEngine
import JobModel

/// Hands the log of a run over to the server while it grows, in order, for a task that wants it kept.
struct LogDelivery: Sendable {
    private let attendance: Attendance
    private var context: CronjobContext { attendance.context }

    init(_ attendance: Attendance) {
        self.attendance = attendance
    }

    /// Returns when the server has all of the log of a run that is over, or takes nothing of it for long: the end of the
    /// task is worth more.
    func follow() async {
        guard await attendance.note.savesLog else { return }
        while !Task.isCancelled {
            do {
                try await context.engine.followLogPages(of: attendance.run, after: attendance.note.logged) { page in
                    try await deliver(page.lines, upTo: page.next)
                    // The server writes the whole log anew for each addition.
                    await attendance.pause(context.intervals.log)
                }
                // It is over, or the host stops.
                if await attendance.endedAt != nil { return try await deliverRest() }
                await attendance.pause(context.intervals.log)
            } catch {
                if let end = await attendance.endedAt, .now - end > context.intervals.logPatience { return }
                try? await Task.sleep(for: context.intervals.log)
            }
        }
    }

    private func deliverRest() async throws {
        while true {
            let page = try await context.engine.logs(of: attendance.run, after: attendance.note.logged, limit: 1000)
            guard !page.lines.isEmpty else { return }
            try await deliver(page.lines, upTo: page.next)
        }
    }

    private func deliver(_ lines: [LogLine], upTo position: Int64) async throws {
        try await context.server.append(lines.map(\.asPrinted).joined(), toLogOf: attendance.task)
        await attendance.noteLogged(position)
    }

    /// Bytes of a log that go into a report.
    private static let most = 1 << 20

    /// The log of a run, from its beginning.
    static func text(of run: RunID, _ engine: JobEngine) async -> String {
        var text = ""
        var position: Int64 = 0
        while let page = try? await engine.logs(of: run, after: position, limit: 1000), !page.lines.isEmpty {
            position = page.next
            for line in page.lines { text += line.asPrinted }
            if text.utf8.count > most { return text.cut(toBytes: most) + "\n... (truncated)\n" }
        }
        return text
    }
}

extension LogLine {
    /// As the program wrote it: without the field in which the runners that come with Berth say on which stream.
    fileprivate var asPrinted: String {
        for field in [" stream=stdout", " stream=stderr"] where text.hasSuffix(field) {
            return text.dropLast(field.count) + "\n"
        }
        return text + "\n"
    }
}
