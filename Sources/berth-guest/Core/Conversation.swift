import CGuestWire

/// The order in which the host may speak: SETUP, LOAD, then RUN, CANCEL and ANSWER, then BYE. Turns frames into messages and
/// holds the pieces of a payload until all are there.
struct Conversation {
    enum State {
        case setup, load, runs, over
    }

    /// More than any host sends as params; a larger figure is a mistake or an attack.
    static let payloadLimit = 256 << 20

    private(set) var state = State.setup
    private var partial: PendingAttempt?
    private var partialAnswer: HostAnswer?

    /// The message that `frame` completes, or nil when more pieces are to come.
    mutating func take(_ frame: Frame) throws(Breach) -> HostMessage? {
        if partial != nil {
            return try continueRun(frame)
        }
        if partialAnswer != nil {
            return try continueAnswer(frame)
        }
        switch (state, frame.kind) {
        case (.setup, FrameKind.setup):
            state = .load
            return .setup(try setup(frame.body))
        case (.load, FrameKind.load):
            state = .runs
            return .load(try load(frame.body))
        case (.runs, FrameKind.run): return try beginRun(frame)
        case (.runs, FrameKind.cancel), (.over, FrameKind.cancel): return try cancel(frame)
        case (.runs, FrameKind.answer), (.over, FrameKind.answer): return try beginAnswer(frame)
        case (.runs, FrameKind.bye):
            guard frame.body.isEmpty else { throw .body }
            state = .over
            return .bye
        default: throw .order
        }
    }

    // MARK: RUN

    private mutating func beginRun(_ frame: Frame) throws(Breach) -> HostMessage? {
        let order = try prefix(of: frame.body, as: gw_run.self)
        var attempt = PendingAttempt(call: frame.call, slot: frame.header.slot, order: order, texts: [])
        guard attempt.wanted <= Self.payloadLimit else { throw .length }
        let rest = UnsafeRawBufferPointer(rebasing: frame.body[MemoryLayout<gw_run>.size...])
        guard rest.count <= attempt.wanted else { throw .body }
        attempt.texts = bytes(rest)
        return try complete(attempt, hasMore: frame.hasMore)
    }

    private mutating func continueRun(_ frame: Frame) throws(Breach) -> HostMessage? {
        guard var attempt = partial, frame.kind == FrameKind.run, frame.call == attempt.call,
            frame.header.slot == attempt.slot
        else { throw .order }
        partial = nil
        guard frame.body.count <= attempt.wanted - attempt.texts.count else { throw .body }
        attempt.texts.append(contentsOf: frame.body)
        return try complete(attempt, hasMore: frame.hasMore)
    }

    private mutating func complete(_ attempt: PendingAttempt, hasMore: Bool) throws(Breach) -> HostMessage? {
        if hasMore {
            partial = attempt
            return nil
        }
        guard attempt.texts.count == attempt.wanted else { throw .body }
        return .run(attempt)
    }

    // MARK: ANSWER

    private mutating func beginAnswer(_ frame: Frame) throws(Breach) -> HostMessage? {
        let head = try prefix(of: frame.body, as: gw_answer.self)
        guard head.payload_length <= Self.payloadLimit else { throw .length }
        let rest = UnsafeRawBufferPointer(rebasing: frame.body[MemoryLayout<gw_answer>.size...])
        guard rest.count <= Int(head.payload_length) else { throw .body }
        return try complete(
            HostAnswer(slot: frame.header.slot, call: frame.call, head: head, payload: bytes(rest)),
            hasMore: frame.hasMore)
    }

    private mutating func continueAnswer(_ frame: Frame) throws(Breach) -> HostMessage? {
        guard var answer = partialAnswer, frame.kind == FrameKind.answer, frame.call == answer.call,
            frame.header.slot == answer.slot
        else {
            throw .order
        }
        partialAnswer = nil
        guard frame.body.count <= Int(answer.head.payload_length) - answer.payload.count else { throw .body }
        answer.payload.append(contentsOf: frame.body)
        return try complete(answer, hasMore: frame.hasMore)
    }

    private mutating func complete(_ answer: HostAnswer, hasMore: Bool) throws(Breach) -> HostMessage? {
        if hasMore {
            partialAnswer = answer
            return nil
        }
        guard answer.payload.count == Int(answer.head.payload_length) else { throw .body }
        return .answer(answer)
    }

    // MARK: The others

    private func setup(_ body: UnsafeRawBufferPointer) throws(Breach) -> SetupOrder {
        let limits = try prefix(of: body, as: gw_setup.self)
        var rest = UnsafeRawBufferPointer(rebasing: body[MemoryLayout<gw_setup>.size...])
        var places: [SetupOrder.Place] = []
        for _ in 0..<limits.path_count {
            guard let access = rest.first, let nul = rest.dropFirst().firstIndex(of: 0), nul > 1 else { throw .body }
            let path = UnsafeRawBufferPointer(rebasing: rest[1...nul])
            places.append(SetupOrder.Place(access: access, path: bytes(path)))
            rest = UnsafeRawBufferPointer(rebasing: rest[(nul + 1)...])
        }
        guard rest.isEmpty else { throw .body }
        return SetupOrder(limits: limits, places: places)
    }

    private func load(_ body: UnsafeRawBufferPointer) throws(Breach) -> LoadOrder {
        let lengths = try prefix(of: body, as: gw_load.self)
        let rest = UnsafeRawBufferPointer(rebasing: body[MemoryLayout<gw_load>.size...])
        let pathEnd = Int(lengths.path_length)
        let textEnd = pathEnd + Int(lengths.configuration_length)
        guard pathEnd > 0, rest.count == textEnd + Int(lengths.secrets_length), lengths.flags & ~GW_LOAD_PROBE == 0
        else { throw .body }
        var path = bytes(UnsafeRawBufferPointer(rebasing: rest[..<pathEnd]))
        guard path.firstIndex(of: 0) == nil else { throw .body }
        path.append(0)
        return LoadOrder(
            path: path, configuration: bytes(UnsafeRawBufferPointer(rebasing: rest[pathEnd..<textEnd])),
            secrets: try secrets(UnsafeRawBufferPointer(rebasing: rest[textEnd...])), isProbe: lengths.flags != 0)
    }

    private func secrets(_ row: UnsafeRawBufferPointer) throws(Breach) -> [LoadOrder.Secret] {
        var secrets: [LoadOrder.Secret] = []
        var rest = row
        while !rest.isEmpty {
            let lengths = try prefix(of: rest, as: gw_secret.self)
            rest = UnsafeRawBufferPointer(rebasing: rest[MemoryLayout<gw_secret>.size...])
            let nameEnd = Int(lengths.name_length)
            let end = nameEnd + Int(lengths.value_length)
            guard rest.count >= end else { throw .body }
            secrets.append(
                LoadOrder.Secret(
                    name: bytes(UnsafeRawBufferPointer(rebasing: rest[..<nameEnd])),
                    value: bytes(UnsafeRawBufferPointer(rebasing: rest[nameEnd..<end]))))
            rest = UnsafeRawBufferPointer(rebasing: rest[end...])
        }
        return secrets
    }

    private func cancel(_ frame: Frame) throws(Breach) -> HostMessage {
        let body = try prefix(of: frame.body, as: gw_cancel.self)
        guard frame.body.count == MemoryLayout<gw_cancel>.size,
            body.level == GW_CANCEL_ASK || body.level == GW_CANCEL_LAST_CALL
        else { throw .body }
        return .cancel(slot: frame.header.slot, call: frame.call, level: body.level, reason: body.reason)
    }

    private func prefix<T: BitwiseCopyable>(of body: UnsafeRawBufferPointer, as type: T.Type) throws(Breach) -> T {
        guard body.count >= MemoryLayout<T>.size else { throw .body }
        return body.loadUnaligned(as: type)
    }

    private func bytes(_ buffer: UnsafeRawBufferPointer) -> [UInt8] {
        buffer.isEmpty ? [] : [UInt8](buffer)
    }
}
