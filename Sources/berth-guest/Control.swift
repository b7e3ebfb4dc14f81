import CGuestWire
import CGuestWire.Shims

/// The control thread: reads what the host says. It runs guest code only, so that a spinning plugin cannot keep a cancel
/// from being heard.
final class Control {
    private var decoder = FrameDecoder()
    private var conversation = Conversation()
    private let crew = Crew()

    /// Blocks until SETUP is there.
    func setup() -> SetupOrder {
        guest_ignore(SIGPIPE)
        guest_close_on_exec(GW_SOCKET)
        while true {
            if case .setup(let order) = nextMessage() { return order }
        }
    }

    func startRunThread() throws(GuestFailure) {
        try crew.begin()
    }

    func serve() -> Never {
        while true {
            switch nextMessage() {
            case .setup: _exit(ExitCode.breach)
            case .load(let order): crew.load(order)
            case .run(let attempt):
                if !crew.append(attempt) { answerUnstarted(attempt, 1, Sentence("no thread could be started for it")) }
            case .cancel(let slot, let call, let level, let reason):
                cancel(slot: slot, call: call, level: level, reason: reason)
            case .answer(let answer): Guest.shared.slots[Int(answer.slot)].take(answer)
            case .bye: crew.close()
            }
        }
    }

    // MARK: Reading

    private func nextMessage() -> HostMessage {
        while true {
            do {
                while let frame = try decoder.next() {
                    if let message = try conversation.take(frame) { return message }
                }
            } catch {
                _exit(ExitCode.breach)
            }
            receive()
        }
    }

    private func receive() {
        while !Guest.shared.outbox.flushIfNeeded() {
            var socket = pollfd(fd: GW_SOCKET, events: Int16(POLLIN | POLLOUT), revents: 0)
            poll(&socket, 1, -1)
            if socket.revents & Int16(POLLIN | POLLHUP) != 0 { break }
        }
        let space = decoder.space()
        let count = read(GW_SOCKET, space.baseAddress, space.count)
        if count > 0 {
            decoder.fed(count)
        } else if count == 0 || guest_errno() != EINTR {
            _exit(ExitCode.hostGone)
        }
    }

    // MARK: Doing

    private func cancel(slot: UInt32, call: UInt64, level: UInt32, reason: Int32) {
        guard let line = crew.line(slot) else { return }
        switch line.withdraw(call) {
        case .waiting(let attempt): answerUnstarted(attempt, 200, Sentence(""))
        case .running:
            if line.slot.ask(call: call, level: level, reason: reason) {
                Guest.shared.callbacks.serve(line.slot)
            }
        case .unknown: break
        }
    }

    /// Started and finished at 0 tell the host that no plugin code ran.
    private func answerUnstarted(_ attempt: PendingAttempt, _ code: Int32, _ why: Sentence) {
        let done = gw_done(
            code: code, retry_after_ms: 0, started_ns: 0, finished_ns: 0, cpu_ns: 0, output_length: 0,
            error_length: UInt32(why.bytes.count), dropped_logs: 0, child_count: 0, exhausted: 0)
        Guest.shared.outbox.post(
            FrameEncoder.frames(
                FrameKind.done, slot: attempt.slot, call: attempt.call, body: done, payload: why.bytes))
    }
}
