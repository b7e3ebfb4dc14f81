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
    /// Between looks at what is printed while an attempt runs: one that prints line by line would have us wake for each.
    private static let outputRest: Int64 = 1_000_000

    /// Whether to read what was printed without waiting for the end of an attempt. With attempts sent ahead it is left
    /// in the pipe, so that the guest finds it there at the attempt's end and marks that end with a boundary record;
    /// but a pipe that fills up would hold the plugin up.
    func looksAtOutput(at now: Moment) -> Bool {
        guard outputWaits, outputLook <= now.monotonic else { return false }
        outputLook = now.monotonic + Self.outputRest
        return attemptCount <= 1 || isShared || pipes.contains { berth_readable($0.pipe.descriptor) >= 16 << 10 }
    }

    /// Reads both streams. `finished` is the call of the last attempt whose DONE was read just before: everything it
    /// wrote is in the pipe by then, followed by its boundary record unless it was read earlier.
    func readOutput(_ turn: Turn, finished: UInt64) {
        outputWaits = false
        outputLook = turn.now.monotonic + Self.outputRest
        // Read before the pipes: an attempt marked the end of the one before it and then entered itself here.
        let running = process.page.running
        for index in pipes.indices where !pipes[index].isClosed {
            turn.items.removeAll(keepingCapacity: true)
            let count = pipes[index].pipe.read(with: turn.buffer)
            if count == 0 {
                pipes[index].isClosed = true
                stopWatching(pipes[index].pipe.descriptor)
            }
            if count == LinePipe.turnLimit { outputWaits = true }
            let bytes = UnsafeRawBufferPointer(rebasing: turn.buffer[..<max(count, 0)])
            finishRest(index, before: bytes, turn, finished: finished)
            pipes[index].pipe.take(bytes, into: &turn.items)
            if !turn.items.isEmpty || !pipes[index].pipe.rest.isEmpty {
                if isShared {
                    giveToAll(turn.items, index, turn)
                } else {
                    attribute(index, turn, finished: finished, running: running)
                }
            }
        }
        if !hearsOutput { hearOutput() }
    }

    /// The beginning of a line whose attempt has ended belongs to that attempt alone, unless its boundary is yet to come.
    private func finishRest(_ index: Int, before bytes: UnsafeRawBufferPointer, _ turn: Turn, finished: UInt64) {
        let owner = pipes[index].restOwner
        guard owner > 0, owner <= finished, !pipes[index].pipe.rest.isEmpty, !bytes.isEmpty,
            !pipes[index].pipe.hasBoundary(of: owner, in: bytes)
        else { return }
        pipes[index].restOwner = 0
        give([pipes[index].pipe.takeRest()], index, to: seats[0].inFlight.first { $0.call == owner }, turn)
    }

    /// Lines of attempts that overlap are the guest's: each of them gets them, and is told so. One that runs by itself has
    /// them for itself.
    private func giveToAll(_ items: [LinePipe.Item], _ index: Int, _ turn: Turn) {
        let heads = heads
        let secrets = heads.map(\.order.secrets)
        for case .line(let line) in items {
            var text = String(decoding: line.prefix(LinePipe.lineLimit), as: UTF8.self)
            for secret in secrets where !secret.isEmpty { text = secret.hidden(in: text) }
            let stream = pipes[index].stream
            for head in heads {
                head.printed = true
                note(
                    text, head, heads.count > 1 ? stream.ofGuest : stream, level: stream == .stdout ? 2 : 3,
                    at: turn.now.instant, turn)
            }
        }
    }

    /// Attempts run one after the other, in seat 0. Lines before a boundary belong to the attempt it names; those behind the last one to whoever runs now.
    private func attribute(_ index: Int, _ turn: Turn, finished: UInt64, running: UInt64) {
        var lines: [[UInt8]] = []
        for item in turn.items {
            switch item {
            case .line(let line): lines.append(line)
            case .boundary(let call) where call <= lastCall:
                let owner = seats[0].inFlight.first { $0.call == call } ?? seats[0].inFlight.first
                give(lines, index, to: owner, turn)
                lines.removeAll()
                pipes[index].passed = max(pipes[index].passed, call)
            case .boundary: break
            }
        }
        // What an ended attempt left unread is marked before its end is announced.
        let wanted = max(pipes[index].passed + 1, running, finished + 1)
        let line = seats[0].inFlight
        let owner = line.first { $0.call >= wanted } ?? line.first { $0.call == finished }
        give(lines, index, to: owner, turn)
        if !pipes[index].pipe.rest.isEmpty {
            let isNew = pipes[index].restOwner == 0 || !turn.items.isEmpty
            if isNew { pipes[index].restOwner = owner?.call ?? 0 }
        }
    }

    /// A line the attempt began and never ended.
    func finishLines(of attempt: Attempt, _ turn: Turn) {
        if attempt.order.sharing > 1 { return finishSharedLines(with: attempt, turn) }
        for index in pipes.indices where pipes[index].restOwner == attempt.call {
            pipes[index].restOwner = 0
            let rest = pipes[index].pipe.takeRest()
            if !rest.isEmpty { give([rest], index, to: attempt, turn) }
        }
    }

    /// What nobody has ended when the last of several attempts does.
    private func finishSharedLines(with attempt: Attempt, _ turn: Turn) {
        guard isEmpty || attempt === heads.last else { return }
        for index in pipes.indices where !pipes[index].pipe.rest.isEmpty {
            pipes[index].restOwner = 0
            give([pipes[index].pipe.takeRest()], index, to: attempt, turn)
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
        let lines = count == 1 ? "1 line dropped" : "\(count) lines dropped"
        let text = attempt.gate.isShut ? "\(lines): \(LimitHit.log(attempt.order.logLimit).phrase)" : lines
        turn.events.append(attempt.line(text, stream: .log, level: 3, at: turn.now.instant))
    }
}

extension LogLine.Stream {
    /// Printed while several attempts ran in the guest.
    fileprivate var ofGuest: LogLine.Stream { self == .stdout ? .guestStdout : .guestStderr }
}
