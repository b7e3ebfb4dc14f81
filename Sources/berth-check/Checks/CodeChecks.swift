import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// What components answer.
enum CodeChecks {
    static func codesInRange(_ trial: Trial) -> Verdict {
        for outcome in variety(trial) {
            let code = outcome.code
            guard (0...299).contains(code) else {
                return .fail("answered \(code), which is in no range of berth_plugin.h")
            }
            let attempt = outcome.attempt
            guard attempt.errorCalls > 0 else { continue }
            if attempt.errorCode != code {
                return .fail("told set_error \(attempt.errorCode) and answered \(code)")
            }
            if attempt.retryAfter > 0, !(1...99).contains(code) {
                return .fail(
                    "asks for another attempt after \(attempt.retryAfter) ms and answers \(code), which allows none")
            }
            if attempt.retryAfter > 86_400_000 {
                return .fail("asks to wait \(attempt.retryAfter) ms, more than a day")
            }
        }
        return .pass
    }

    static func errorText(_ trial: Trial) -> Verdict {
        for outcome in variety(trial) where (1...199).contains(outcome.code) {
            let text = outcome.attempt.errorText
            if text.isEmpty, trial.component.loaded.explain(outcome.code) == nil {
                return .fail("fails with \(outcome.code) and says nothing with set_error")
            }
            if !UTF8Text.isValid(text) { return .fail("fails with \(outcome.code) and a text that is not UTF-8") }
            for secret in trial.target.secrets where UTF8Text.contains(text, secret) {
                return .fail("tells the value of an x-secret param in its error text")
            }
        }
        return .pass
    }

    /// Ordinary runs, refused ones and stopped ones, one after the other.
    private static func variety(_ trial: Trial) -> some Sequence<Outcome> {
        let plans = trial.everything.map { trial.plan($0.params) } + [trial.stopped(after: 0)]
        return plans.lazy.map { trial.run($0, "looking at its answer") }
    }

    static func stable(_ trial: Trial, _ subject: inout Subject) -> Verdict {
        let before = subject.descriptorHash
        for (_, params) in trial.everything { _ = trial.run(trial.plan(params)) }
        if let why = subject.read(subject.plugin) { return .fail("after a run: \(why)") }
        return subject.descriptorHash == before ? .value(before) : .fail("its texts are others after a run")
    }

    static func unknownExtension(_ trial: Trial) -> Verdict {
        guard let ask = trial.component.facts.extension else { return .notApplicable("offers no extensions") }
        var random = trial.random
        for _ in 0..<10 {
            let name = Words("vendor.").bytes + random.bytes(12).map { 0x61 + $0 % 26 } + Words("/1").bytes
            if answers(ask, name, trial) { return .fail("answers for the extension \(name), which nobody knows") }
        }
        // What it knows under one revision it must not answer for another.
        for known in [Words("berth.status/1x").bytes, Words("berth/").bytes, []] where answers(ask, known, trial) {
            return .fail("answers for the extension \"\(known)\", which nobody knows")
        }
        return .pass
    }

    private static func answers(
        _ ask: @convention(c) (UnsafePointer<CChar>?) -> UnsafeRawPointer?, _ name: [UInt8], _ trial: Trial
    ) -> Bool {
        Report.doing("\(trial.component.id): asking for the extension \(name)")
        let terminated = name + [0]
        return terminated.withUnsafeBytes { ask($0.assumingMemoryBound(to: CChar.self).baseAddress) != nil }
    }
}

/// Bytes that are or are not text.
enum UTF8Text {
    static func isValid(_ bytes: [UInt8]) -> Bool {
        var left = 0
        for byte in bytes {
            if left > 0 {
                guard byte & 0xC0 == 0x80 else { return false }
                left -= 1
            } else if byte >= 0x80 {
                if byte & 0xE0 == 0xC0, byte >= 0xC2 {
                    left = 1
                } else if byte & 0xF0 == 0xE0 {
                    left = 2
                } else if byte & 0xF8 == 0xF0, byte <= 0xF4 {
                    left = 3
                } else {
                    return false
                }
            }
        }
        return left == 0
    }

    static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard !part.isEmpty, bytes.count >= part.count else { return false }
        return (0...(bytes.count - part.count)).contains { bytes[$0...].starts(with: part) }
    }
}
