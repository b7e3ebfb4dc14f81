import CGuestWire.Shims

/// A program for the kernel's filter in instructions of classic BPF (linux/bpf_common.h), which sees `struct
/// seccomp_data`. Each part looks at the value that was loaded last.
struct FilterCode {
    private(set) var steps: [guest_instruction] = []

    init(capacity: Int = 0) {
        steps.reserveCapacity(capacity)
    }

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

    /// Goes on with what `below` adds for values under `bound`, else with what `above` adds. Everything is added at the
    /// end: a filter of parts that are put together would be copied many times.
    mutating func split(
        at bound: UInt32, below: (inout FilterCode) -> Void, above: (inout FilterCode) -> Void
    ) {
        let place = steps.count
        append(Code.jumpIfAtLeast, bound)
        below(&self)
        let length = steps.count - place - 1
        if let short = UInt8(exactly: length) {
            steps[place].if_true = short
        } else {
            steps[place].if_false = 1
            steps.insert(guest_instruction(code: Code.jump, if_true: 0, if_false: 0, k: UInt32(length)), at: place + 1)
        }
        above(&self)
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
