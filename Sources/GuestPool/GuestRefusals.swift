import CLinux
import Glibc
import JobModel

/// What a guest's filter refused: the host hears of it while the call waits.
extension Guest {
    /// Listened to in one turn.
    private static let atOnce = 64

    func hearRefusals(_ turn: Turn) {
        for _ in 0..<Self.atOnce where process.listener >= 0 {
            var call = berth_refusal()
            let result = berth_refusal_take(process.listener, &call)
            guard result > 0 else {
                // Nobody is left to ask: it is closed with the rest of the guest.
                if result == -ENOTCONN { stopWatching(process.listener) } else if result < 0 { stopListening() }
                return
            }
            take(call, turn)
        }
    }

    private func take(_ call: berth_refusal, _ turn: Turn) {
        if let learner {
            learner.note(call, of: process.pid, own: [process.scratch.path, settings.libraryFolder], homes: homes)
            return berth_refusal_answer(process.listener, call.token, 0)
        }
        let refused = RefusedCall(call)
        refusals.add(refused)
        if settings.sandbox.features.contains(.strictCalls) { doom(.refused(refused), at: turn.now) }
        berth_refusal_answer(process.listener, call.token, refused.code)
        if refusals.patience == 0 { stopListening() }
    }

    private func stopListening() {
        stopWatching(process.listener)
        process.stopListening()
    }

    private func hint(_ order: AttemptOrder) -> AccessHint {
        AccessHint(settings, order.params, scratch: process.scratch.path, homes: homes)
    }

    /// An end with what the sandbox had to do with it.
    func explained(_ end: AttemptEnd, _ order: AttemptOrder) -> AttemptEnd {
        var end = end
        switch end.outcome {
        case .failed: break
        case .crashed, .timedOut, .cancelled, .interrupted: if refusals.calls.isEmpty { return end }
        case .succeeded: return end
        }
        let sentence = refusals.sentence(on: end.message) ?? hint(order).sentence(on: end.message)
        guard let sentence else { return end }
        // The guest may have been ended for it, and then that has been said.
        if end.message?.contains(sentence) != true {
            end.message = [end.message, sentence].compactMap(\.self).joined(separator: "; ")
        }
        guard !refusals.calls.isEmpty else { return end }
        var evidence = end.evidence ?? Evidence()
        evidence.refused = refusals.calls.map(\.words)
        end.evidence = evidence
        return end
    }
}
