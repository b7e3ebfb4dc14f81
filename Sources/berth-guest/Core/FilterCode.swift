import CGuestWire.Shims

/// A program for the kernel's filter in instructions of classic BPF (linux/bpf_common.h), which sees `struct
/// seccomp_data`. Each part looks at the value that was loaded last.
struct FilterCode {
    private(set) var steps: [guest_instruction] = []

    private enum Code {
        static let load: UInt16 = 0x20
        static let jump: UInt16 = 0x05
        static let jumpIfEqual: UInt16 = 0x15
        static let jumpIfAtLeast: UInt16 = 0x35
        static let jumpIfAnyBit: UInt16 = 0x45
        static let end: UInt16 = 0x06
    }

    mutating func loadNumber() { append(Code.load, 0) }
    mutating func loadArchitecture() { append(Code.load, 4) }
    mutating func loadLow(_ argument: UInt32) { append(Code.load, 16 + 8 * argument) }
    mutating func loadHigh(_ argument: UInt32) { append(Code.load, 20 + 8 * argument) }

    mutating func end(_ answer: UInt32) { append(Code.end, answer) }

    mutating func end(_ answer: UInt32, ifEqual value: UInt32) {
        append(Code.jumpIfEqual, value, ifFalse: 1)
        end(answer)
    }

    mutating func end(_ answer: UInt32, unlessEqual value: UInt32) {
        append(Code.jumpIfEqual, value, ifTrue: 1)
        end(answer)
    }

    mutating func end(_ answer: UInt32, ifAnyBit bits: UInt32) {
        append(Code.jumpIfAnyBit, bits, ifFalse: 1)
        end(answer)
    }

    mutating func end(_ answer: UInt32, unlessAnyBit bits: UInt32) {
        append(Code.jumpIfAnyBit, bits, ifTrue: 1)
        end(answer)
    }

    /// Goes on with `below` for values under `bound`, else with `above`.
    mutating func split(at bound: UInt32, below: FilterCode, above: FilterCode) {
        if let length = UInt8(exactly: below.steps.count) {
            append(Code.jumpIfAtLeast, bound, ifTrue: length)
        } else {
            append(Code.jumpIfAtLeast, bound, ifFalse: 1)
            append(Code.jump, UInt32(below.steps.count))
        }
        steps.append(contentsOf: below.steps)
        steps.append(contentsOf: above.steps)
    }

    /// `part` for this value alone; it has to end.
    mutating func branch(ifEqual value: UInt32, _ part: FilterCode) {
        append(Code.jumpIfEqual, value, ifFalse: UInt8(clamping: part.steps.count))
        steps.append(contentsOf: part.steps)
    }

    /// `part` for values with any of these bits; it has to end.
    mutating func branch(ifAnyBit bits: UInt32, _ part: FilterCode) {
        append(Code.jumpIfAnyBit, bits, ifFalse: UInt8(clamping: part.steps.count))
        steps.append(contentsOf: part.steps)
    }

    private mutating func append(_ code: UInt16, _ k: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
        steps.append(guest_instruction(code: code, if_true: ifTrue, if_false: ifFalse, k: k))
    }
}
