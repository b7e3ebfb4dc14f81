import CLinux
import Glibc
import JobModel
import Logging

/// One of the two streams a plugin prints to, with whom its text belongs to.
struct GuestOutput {
    let stream: LogLine.Stream
    var pipe: LinePipe
    var isClosed = false
    /// The highest call whose boundary record was read.
    var passed: UInt64 = 0
    /// Call of the attempt that wrote the beginning of the unfinished line.
    var restOwner: UInt64 = 0

    init(_ stream: LogLine.Stream, _ pipe: LinePipe) {
        self.stream = stream
        self.pipe = pipe
    }
}

extension Guest {
    /// Reads both streams. `finished` is the call of the last attempt whose DONE was read just before: everything it
    /// wrote is in the pipe by then, followed by its boundary record unless it was read earlier.
    func readOutput(_ turn: Turn, finished: UInt64) {
        for index in pipes.indices where !pipes[index].isClosed {
            turn.items.removeAll(keepingCapacity: true)
            if pipes[index].pipe.read(with: turn.buffer, into: &turn.items) {
                pipes[index].isClosed = true
                stopWatching(pipes[index].pipe.descriptor)
            }
            if !turn.items.isEmpty || !pipes[index].pipe.rest.isEmpty {
                attribute(index, turn, finished: finished)
            }
        }
    }

    /// Lines before a boundary belong to the attempt it names; those behind the last one to whoever runs now.
    private func attribute(_ index: Int, _ turn: Turn, finished: UInt64) {
        var lines: [[UInt8]] = []
        for item in turn.items {
            switch item {
            case .line(let line): lines.append(line)
            case .boundary(let call) where call <= lastCall:
                let owner = inFlight.first { $0.call == call } ?? inFlight.first
                give(lines, index, to: owner, turn)
                lines.removeAll()
                pipes[index].passed = max(pipes[index].passed, call)
            case .boundary: break
            }
        }
        let after = max(pipes[index].passed, finished)
        let owner = inFlight.first { $0.call > after } ?? inFlight.first { $0.call == after }
        give(lines, index, to: owner, turn)
        if !pipes[index].pipe.rest.isEmpty {
            let isNew = pipes[index].restOwner == 0 || !turn.items.isEmpty
            if isNew { pipes[index].restOwner = owner?.call ?? 0 }
        }
    }

    /// A line the attempt began and never ended.
    func finishLines(of attempt: Attempt, _ turn: Turn) {
        for index in pipes.indices where pipes[index].restOwner == attempt.call {
            pipes[index].restOwner = 0
            let rest = pipes[index].pipe.takeRest()
            if !rest.isEmpty { give([rest], index, to: attempt, turn) }
        }
    }

    private func give(_ lines: [[UInt8]], _ index: Int, to attempt: Attempt?, _ turn: Turn) {
        let stream = pipes[index].stream
        for line in lines {
            let text = String(decoding: line.prefix(LinePipe.lineLimit), as: UTF8.self)
            guard let attempt else {
                logger.debug("guest printed", metadata: ["guest": "\(process.pid)", "text": "\(text)"])
                continue
            }
            attempt.printed = true
            note(text, attempt, stream, level: stream == .stdout ? 2 : 3, at: turn.now.instant, turn)
        }
    }

    /// Reports a line, or counts it when the attempt has said too much.
    func note(
        _ text: String, _ attempt: Attempt, _ stream: LogLine.Stream, level: Int, at time: Instant, _ turn: Turn
    ) {
        guard attempt.gate.admits(bytes: text.utf8.count, now: turn.now.monotonic) else { return }
        noteDropped(attempt, turn)
        turn.events.append(attempt.line(text, stream: stream, level: level, at: time))
    }

    func noteDropped(_ attempt: Attempt, _ turn: Turn) {
        let count = attempt.gate.takeDropped()
        guard count > 0 else { return }
        let text = count == 1 ? "1 line dropped" : "\(count) lines dropped"
        turn.events.append(attempt.line(text, stream: .log, level: 3, at: turn.now.instant))
    }
}
