import CGuestWire
import CLinux
import Glibc
import JobModel
import Logging

/// What a guest says and when it may say it.
extension Guest {
    /// Taken from a guest's socket in one turn, so that one that talks much does not keep the others waiting.
    private static let turnLimit = 1 << 20
    /// Read of a dead guest: more than a socket holds.
    private static let drainLimit = 16 << 20

    /// Reads and handles what the guest wrote. With `isDead`, everything that is left.
    func pump(_ turn: Turn, isDead: Bool = false, outputIsReady: Bool) {
        turn.frames.removeAll(keepingCapacity: true)
        let violation = readSocket(turn, limit: isDead ? Self.drainLimit : Self.turnLimit)
        if outputIsReady { (outputWaits, hearsOutput) = (true, false) }
        hear(turn, isDead: isDead, violation)
    }

    /// Handles the frames of this turn, behind which a violation was found, or none, and reads what was printed before
    /// them.
    func hear(_ turn: Turn, isDead: Bool = false, _ found: ProtocolViolation?) {
        var violation = found
        let finished = lastDone(turn.frames)
        if isDead || finished > 0 || looksAtOutput(at: turn.now) { readOutput(turn, finished: finished) }
        do throws(ProtocolViolation) {
            for frame in turn.frames { try handle(frame, turn) }
        } catch {
            violation = error
        }
        if let violation { doom(.violation(violation), at: turn.now) }
    }

    private func readSocket(_ turn: Turn, limit: Int) -> ProtocolViolation? {
        guard listens else { return nil }
        var total = 0
        while total < limit, socketClosedAt == nil {
            var violation: ProtocolViolation?
            let count = receive(turn, &violation)
            if count == -Int(EAGAIN) { break }
            guard count > 0 else {
                socketClosedAt = turn.now.monotonic
                stopWatching(process.socket)
                break
            }
            total += count
            do throws(ProtocolViolation) {
                try reader.read(UnsafeRawBufferPointer(rebasing: turn.buffer[..<count]), into: &turn.frames)
            } catch {
                return error
            }
            if let violation { return violation }
            // What comes with a descriptor is read by itself, and says nothing about what is behind it.
            if count < turn.buffer.count, phase != .starting { break }
        }
        return nil
    }

    /// Bytes, and descriptors that came along: read(2) would have the kernel close those at once, on this thread. It does
    /// so all the same when the host may open no more of them, which cannot be helped.
    private func receive(_ turn: Turn, _ violation: inout ProtocolViolation?) -> Int {
        let (buffer, descriptors) = (turn.buffer, turn.descriptors)
        var sent: Int32 = 0
        let count = berth_receive(
            process.socket, buffer.baseAddress, buffer.count, descriptors.baseAddress, &sent)
        if sent > 0 { violation = take(Array(descriptors[..<Int(sent)])) }
        return count
    }

    /// With HELLO comes the listener of the guest's filter. Whatever else is sent is of the plugin.
    private func take(_ descriptors: [Int32]) -> ProtocolViolation? {
        var foreign = descriptors[...]
        if phase == .starting, process.listener < 0, let listener = foreign.popFirst() {
            process.listen(on: listener)
        }
        guard !foreign.isEmpty else { return nil }
        LastClose.begin(Array(foreign))
        return .sentDescriptor
    }

    /// After a violation nothing it says counts.
    private var listens: Bool {
        switch phase {
        case .doomed(.ladder), .starting, .loading, .ready, .leaving: true
        case .doomed: false
        }
    }

    /// Of the calls there were: the frames are still to be judged, and a plugin can forge them.
    private func lastDone(_ frames: [GuestFrame]) -> UInt64 {
        var last: UInt64 = 0
        for case .done(let call, let done) in frames where done.startedNanoseconds != 0 && call <= lastCall {
            last = max(last, call)
        }
        return last
    }

    private func handle(_ frame: GuestFrame, _ turn: Turn) throws(ProtocolViolation) {
        switch frame {
        case .hello(let hello): try take(hello)
        case .loaded(let piece, let isLast): try take(piece, isLast: isLast, turn)
        case .failed(let stage, let code, let text): try takeFailure(stage, code, text, turn)
        case .emit(let call, let bytes): try take(output: bytes, call: call)
        case .log(let call, let entry): try take(entry, call: call, turn)
        case .done(let call, let done): try take(done, call: call, turn)
        case .children(let call, let bytes): try take(children: bytes, call: call)
        case .ask(let call, let piece, let isLast): try take(ask: piece, isLast: isLast, call: call, turn)
        case .metrics(let call, let metrics): try take(metrics, call: call)
        }
    }

    private func take(_ hello: GuestFrame.Hello) throws(ProtocolViolation) {
        guard phase == .starting else { throw ProtocolViolation("HELLO out of turn") }
        guard hello.layout == GW_LAYOUT_DIGEST else {
            throw ProtocolViolation("guest program and host are not from one build")
        }
        self.hello = hello
        phase = .loading
        process.refuseDescriptors()
        // What comes with a HELLO that speaks of no listener is of the plugin, whose bytes may follow at once.
        let hasListener = SandboxFeatures(rawValue: hello.inForce).contains(.namedRefusals)
        guard hasListener || process.listener < 0 else { throw .sentDescriptor }
        watchRefusals()
        let report = SandboxReport(hello, wanted: settings.wanted)
        if let objection = objection(to: report) {
            failure = ProbeFailure(stage: .sandbox, message: objection)
            failure?.sandbox = report
            doom(.late, at: .now())
        }
    }

    private func take(_ piece: [UInt8], isLast: Bool, _ turn: Turn) throws(ProtocolViolation) {
        guard phase == .loading else { throw ProtocolViolation("LOADED out of turn") }
        guard descriptorBytes.count + piece.count <= GW_DESCRIPTOR_LIMIT else {
            throw ProtocolViolation("descriptor of more than \(GW_DESCRIPTOR_LIMIT) bytes")
        }
        descriptorBytes.append(contentsOf: piece)
        guard isLast else { return }
        descriptor = try DescriptorReader.read(descriptorBytes)
        descriptorBytes = []
        phase = .ready
        phaseDeadline = .max
        idleSince = turn.now.monotonic
    }

    private func takeFailure(_ stage: UInt32, _ code: Int32, _ text: String, _ turn: Turn) throws(ProtocolViolation) {
        guard phase == .starting || phase == .loading else { throw ProtocolViolation("FAILED out of turn") }
        // Before HELLO no plugin speaks: what the machine was short of is not its doing.
        let isShort = phase == .starting && Self.shortages.contains(code)
        failure =
            isShort
            ? ProbeFailure(stage: .process, message: text) : ProbeFailure(stage: stage, code: code, text: text)
        failure?.sandbox = hello.map { SandboxReport($0, wanted: settings.wanted) }
        if let refused = refusals.sentence { failure?.message += "; \(refused)" }
        phase = .leaving
        phaseDeadline = turn.now.monotonic + 1_000_000_000
    }

    /// No thread, no memory, no open file, or too many descriptors on their way through the user's sockets.
    private static let shortages: Set<Int32> = [EAGAIN, ENOMEM, ENFILE, ETOOMANYREFS]

    private func take(output bytes: [UInt8], call: UInt64) throws(ProtocolViolation) {
        guard let attempt = seat(running: call)?.inFlight.first else {
            throw ProtocolViolation("output of call \(call), which does not run")
        }
        guard attempt.output.count + bytes.count <= Int(attempt.order.outputLimit) else {
            throw ProtocolViolation("output of more than \(attempt.order.outputLimit) bytes")
        }
        if attempt.output.isEmpty { attempt.output = bytes } else { attempt.output.append(contentsOf: bytes) }
    }

    private func take(_ entry: GuestFrame.LogEntry, call: UInt64, _ turn: Turn) throws(ProtocolViolation) {
        // A thread of the plugin may have been about to log when its attempt ended.
        guard call != 0, !isOver(call) else {
            guard try strayLines.admit(bytes: entry.size, now: turn.now.monotonic) else { return }
            logger.debug("guest says", metadata: ["guest": "\(process.pid)", "text": "\(entry.text.prefix(8192))"])
            return
        }
        guard let attempt = seat(running: call)?.inFlight.first else {
            throw ProtocolViolation("log line of call \(call), which does not run")
        }
        let earliest = turn.now.instant(at: attempt.sentAt)
        let said = Instant(microseconds: Int64(clamping: entry.unixNanoseconds / 1000))
        let time = max(earliest, min(said, turn.now.instant))
        note(String(entry.text.prefix(8192)), attempt, .log, level: entry.level, at: time, turn)
    }

    private func take(_ metrics: [String: Int64], call: UInt64) throws(ProtocolViolation) {
        guard let attempt = seat(running: call)?.inFlight.first else {
            throw ProtocolViolation("metrics of call \(call), which does not run")
        }
        attempt.metrics = metrics
    }

    private func take(_ done: GuestFrame.Done, call: UInt64, _ turn: Turn) throws(ProtocolViolation) {
        guard let seat = seat(running: call), let attempt = seat.inFlight.first else {
            guard done.startedNanoseconds == 0, let attempt = removeTakenBack(call) else {
                throw ProtocolViolation("end of call \(call), which does not run")
            }
            turn.events.append(.neverStarted(attempt.order.key))
            return
        }
        guard done.outputLength == UInt64(attempt.output.count) else {
            throw ProtocolViolation("\(attempt.output.count) bytes of output, \(done.outputLength) were announced")
        }
        let children = try attempt.children.children(announced: done.childCount)
        _ = seat.inFlight.popFirst()
        report(done, children, attempt, turn)
        seat.inFlight.first?.start(in: self, at: turn.now)
        if memoryCheck <= turn.now.monotonic { checkMemory(at: turn.now) }
        if seat.inFlight.isEmpty, isEmpty { becomeIdle(turn) }
    }

    private func checkMemory(at now: Moment) {
        memoryCheck = now.monotonic + 1_000_000_000
        let bytes = ProcessStatus(of: process.pid).anonymous
        guard bytes > keeping.memoryBytes, !isRetiring else { return }
        isRetiring = true
        logger.info("guest is replaced", metadata: ["guest": "\(process.pid)", "memory": "\(bytes >> 20) MiB"])
    }

    private func isOver(_ call: UInt64) -> Bool {
        call <= lastCall && !seats.contains { $0.inFlight.first(where: { $0.call == call }) != nil }
    }

    private func removeTakenBack(_ call: UInt64) -> Attempt? {
        for seat in seats {
            if let attempt = seat.inFlight.removeFirst(where: { $0.call == call && $0.takenBack != nil }) {
                return attempt
            }
        }
        return nil
    }

    private func report(_ done: GuestFrame.Done, _ children: [ChildOrder], _ attempt: Attempt, _ turn: Turn) {
        let reason = attempt.ladder?.reason ?? attempt.takenBack
        // One that came to a limit had begun, whatever is said.
        if done.startedNanoseconds == 0, let reason, reason.outcome != .timedOut {
            turn.events.append(.neverStarted(attempt.order.key))
            return
        }
        finishLines(of: attempt, turn)
        attempt.gate.countDropped(done.droppedLogs)
        noteDropped(attempt, turn)
        noteExhausted(done, attempt)
        let breadcrumb = attempt.ladder == nil ? nil : breadcrumb(of: attempt)
        use.attemptEnded(done, of: process.pid)
        let end = attempt.end(
            done, children: children, guest: process.pid, peak: use.peak, now: turn.now, breadcrumb: breadcrumb)
        turn.events.append(.ended(attempt.order.key, explained(end, attempt.order)))
        if heads.isEmpty || !isShared { refusals.forget() }
    }

    /// One that ran out of descriptors or memory may have left none for those that come after it.
    private func noteExhausted(_ done: GuestFrame.Done, _ attempt: Attempt) {
        if attempt.gate.isShut { attempt.hit = .log(attempt.order.logLimit) }
        if done.exhausted & GW_EXHAUSTED_OUTPUT != 0 { attempt.hit = .output(attempt.order.outputLimit) }
        noteKilledPrograms(attempt)
        attempt.refused = RefusedLimit.of(done, limits)
        if done.exhausted & GW_EXHAUSTED_MEMORY != 0, limits.memoryBytes > 0 {
            attempt.hit = .memory(limits.memoryBytes)
            isRetiring = true
        }
        guard done.exhausted & GW_EXHAUSTED_DESCRIPTORS != 0 else { return }
        attempt.hit = .openFiles(limits.openFiles)
        isRetiring = true
    }

    /// The kernel ended programs that it had started, and not it.
    private func noteKilledPrograms(_ attempt: Attempt) {
        guard settings.grants.contains(.subprocess), let hit = groupHit else { return }
        attempt.hit = hit
        killsTold = process.group?.kills ?? 0
    }

    private func becomeIdle(_ turn: Turn) {
        idleSince = turn.now.monotonic
        idleUse = CPUMeter.used(by: process.pid)
        // Programs that are left would count for the next attempt, ended ones too.
        let startsPrograms = settings.grants.contains(.subprocess)
        if startsPrograms, !ProcessFacts.children(of: process.pid).isEmpty { isRetiring = true }
        if phase == .ready, !process.scratch.empty() { isRetiring = true }
        scratchWatch.forget()
    }

    func breadcrumb(of attempt: Attempt) -> String? {
        guard let text = process.page.hints(of: attempt)?.breadcrumb, !text.isEmpty else { return nil }
        return text
    }

    /// Where in the plugin it was, when that says more than that it ran.
    func place(of attempt: Attempt) -> String? { process.page.hints(of: attempt)?.place }
}
