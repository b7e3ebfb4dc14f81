import JobEngine
import JobModel

/// Hands the log of a run over to the server while it grows, in order and once, for a task that wants it kept.
struct LogDelivery {
    private let attendance: Attendance
    /// Something was said of which nobody knows whether it arrived: the answer did not come, or an earlier host said it.
    private var isUnsure: Bool
    private var context: CronjobContext { attendance.context }

    init(_ attendance: Attendance, isUnsure: Bool) {
        self.attendance = attendance
        self.isUnsure = isUnsure
    }

    private struct OutOfPatience: Error {}

    /// Returns when the server has all of the log of a run that is over, or takes nothing of it for long: the end of the
    /// task is worth more.
    mutating func follow() async {
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
                if await isOutOfPatience {
                    return context.logger.warning(
                        "the server's log of a task lacks its end", metadata: ["task": "\(attendance.task)"])
                }
                try? await Task.sleep(for: context.intervals.log)
            }
        }
    }

    private mutating func deliverRest() async throws {
        while true {
            let page = try await context.engine.logs(of: attendance.run, after: attendance.note.logged, limit: 1000)
            guard !page.lines.isEmpty else { return }
            try await deliver(page.lines, upTo: page.next)
        }
    }

    private var isOutOfPatience: Bool {
        get async {
            guard let end = await attendance.endedAt else { return false }
            return .now - end > context.intervals.logPatience
        }
    }

    private mutating func deliver(_ lines: [LogLine], upTo position: Int64) async throws {
        var rest = Array(lines.map(\.asPrinted).joined().utf8)[...]
        var size = await attendance.note.logSize
        if isUnsure, let known = size, let there = try await context.server.logSize(of: attendance.task) {
            rest = rest.dropFirst(Self.arrived(there - known, of: rest))
            size = there
        }
        isUnsure = false
        while !rest.isEmpty {
            guard await !isOutOfPatience else { throw OutOfPatience() }
            let piece = rest.piece(Self.mostAtOnce)
            try await say(String(decoding: piece, as: UTF8.self), &size)
            rest = rest[piece.endIndex...]
        }
        await attendance.noteLogged(position, size: size)
    }

    private mutating func say(_ piece: String, _ size: inout Int64?) async throws {
        do throws(CronjobFault) {
            size = try await context.server.append(piece, toLogOf: attendance.task)
        } catch {
            // What the server will not have does not keep it from what follows.
            guard case .refused(let status, _) = error, [400, 403, 404, 413, 422].contains(status) else {
                isUnsure = true
                throw error
            }
            context.logger.warning(
                "the server refuses lines of a log: \(error)", metadata: ["task": "\(attendance.task)"])
        }
    }

    /// How many of these bytes the server has, which has so many more than we know of: what was said ended with a line, or
    /// where a piece does. Anything else is of somebody else.
    static func arrived(_ more: Int64, of text: ArraySlice<UInt8>) -> Int {
        guard more > 0, more <= text.count else { return 0 }
        let end = text.startIndex + Int(more)
        if text[end - 1] == UInt8(ascii: "\n") { return Int(more) }
        var rest = text
        while let piece = rest.isEmpty ? nil : rest.piece(mostAtOnce), piece.endIndex <= end {
            if piece.endIndex == end { return Int(more) }
            rest = rest[piece.endIndex...]
        }
        return 0
    }

    static let mostAtOnce = 64 << 10

    /// Bytes of a log that go into a report.
    private static let most = 256 << 10

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

extension ArraySlice<UInt8> {
    /// Its beginning, of so many bytes at most, ending with a whole character.
    fileprivate func piece(_ most: Int) -> ArraySlice<UInt8> {
        guard count > most else { return self }
        var end = startIndex + most
        while end > startIndex, UTF8.isContinuation(self[end]) { end -= 1 }
        return self[..<end]
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
