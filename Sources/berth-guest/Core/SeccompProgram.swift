import CGuestWire
import CGuestWire.Calls
import CGuestWire.Shims

/// The filter every system call of the guest, and of the programs it starts, goes through: a list of what passes. Calls
/// are found by halving, so that a call costs nine steps and not two hundred.
struct SeccompProgram {
    enum Machine {
        case x86, arm

        #if arch(x86_64)
            static let current = Machine.x86
        #elseif arch(arm64)
            static let current = Machine.arm
        #endif

        /// AUDIT_ARCH_… of the kernel.
        var architecture: UInt32 { self == .x86 ? 0xC000_003E : 0xC000_00B7 }

        func number(of call: gw_call) -> UInt32? {
            let number = UInt32(self == .x86 ? call.x86 : call.arm)
            return number == GW_NO_CALL ? nil : number
        }
    }

    static func make(_ machine: Machine, _ fence: CallFence) -> [guest_instruction] {
        let program = SeccompProgram(fence: fence)
        var code = FilterCode(capacity: 512)
        code.loadArchitecture()
        code.end(CallAnswer.killProcess, unlessEqual: machine.architecture)
        code.loadNumber()
        let spans = program.spans(machine)
        program.search(spans, 0..<spans.count, &code)
        return code.steps
    }

    private let fence: CallFence

    /// From `start` up to the next span all calls have this verdict.
    private struct Span {
        var start: UInt32
        var verdict: CallVerdict
    }

    /// Behind the last known number lies the last span: newer calls, and those of the x32 ABI.
    private func spans(_ machine: Machine) -> [Span] {
        var verdicts = [CallVerdict](repeating: .missing(isHeard: false), count: 512)
        var index = 0
        while let call = gw_call_at(index)?.pointee {
            if let number = machine.number(of: call), Int(number) < verdicts.count {
                verdicts[Int(number)] = fence.verdict(on: UInt32(call.group))
            }
            index += 1
        }
        var spans = [Span(start: 0, verdict: verdicts[0])]
        for number in 1..<verdicts.count where verdicts[number] != verdicts[number - 1] {
            spans.append(Span(start: UInt32(number), verdict: verdicts[number]))
        }
        return spans
    }

    private func search(_ spans: [Span], _ range: Range<Int>, _ code: inout FilterCode) {
        guard range.count > 1 else { return end(spans[range.lowerBound].verdict, &code) }
        let middle = range.lowerBound + range.count / 2
        code.split(at: spans[middle].start) { code in
            search(spans, range.lowerBound..<middle, &code)
        } above: { code in
            search(spans, middle..<range.upperBound, &code)
        }
    }

    private func end(_ verdict: CallVerdict, _ code: inout FilterCode) {
        switch verdict {
        case .pass: code.end(CallAnswer.pass)
        case .refuse: code.end(fence.refusal)
        case .missing(let isHeard):
            code.end(isHeard && fence.refusal == CallAnswer.askHost ? CallAnswer.askHost : CallAnswer.noSuchCall)
        case .judge(let group): CallRules(fence: fence).judge(group, &code)
        }
    }
}
