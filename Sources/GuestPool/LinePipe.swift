import CLinux
import Glibc

/// The reading end of a guest's stdout or stderr: cuts bytes into lines and finds the guest's boundary records.
struct LinePipe {
    enum Item: Hashable {
        case line([UInt8])
        /// The attempt with this call has ended; what follows was written after it.
        case boundary(call: UInt64)
    }

    static let lineLimit = 8192
    /// Taken in one turn: more than a pipe holds, so that all a guest wrote before a frame is read with that frame.
    static let turnLimit = 128 << 10

    let descriptor: Int32
    /// A line whose end has not arrived.
    private(set) var rest: [UInt8] = []
    private let mark: [UInt8]

    /// `nonce` is what the guest was given to tell its own records from a plugin's text.
    init(descriptor: Int32, nonce: String) {
        self.descriptor = descriptor
        mark = Array("\u{1e}berth \(nonce)".utf8)
    }

    /// Reads what waits, at most `turnLimit` bytes: how many; 0 at the end, negative when there is nothing.
    func read(with buffer: UnsafeMutableRawBufferPointer) -> Int {
        var total = 0
        while total < Self.turnLimit {
            let count = berth_read(descriptor, buffer.baseAddress.map { $0 + total }, Self.turnLimit - total)
            guard count > 0 else { return total > 0 ? total : count }
            total += count
        }
        return total
    }

    /// Whether the record of this attempt's end is among the bytes.
    func hasBoundary(of call: UInt64, in bytes: UnsafeRawBufferPointer) -> Bool {
        let digits = String(call, radix: 16)
        let record = mark + Array(" \(String(repeating: "0", count: 16 - digits.count))\(digits)\n".utf8)
        guard bytes.count >= record.count else { return false }
        return (0...(bytes.count - record.count)).contains { start in
            bytes[start] == record[0] && bytes[start..<(start + record.count)].elementsEqual(record)
        }
    }

    /// Ends the unfinished line.
    mutating func takeRest() -> [UInt8] {
        defer { rest = [] }
        return rest
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer, into items: inout [Item]) {
        var position = 0
        while position < bytes.count {
            let room = Self.lineLimit + mark.count + 18 - rest.count
            let window = bytes[position..<min(bytes.count, position + room)]
            guard let end = window.firstIndex(of: UInt8(ascii: "\n")) else {
                rest.append(contentsOf: window)
                position = window.endIndex
                if window.count == room { items.append(.line(takeRest())) }
                continue
            }
            rest.append(contentsOf: window[..<end])
            position = end + 1
            finishLine(into: &items)
        }
    }

    private mutating func finishLine(into items: inout [Item]) {
        let line = takeRest()
        guard let (start, call) = boundary(in: line) else {
            items.append(.line(line))
            return
        }
        if start > 0 { items.append(.line(Array(line[..<start]))) }
        items.append(.boundary(call: call))
    }

    /// A record ends its line; text without a line feed may stand before it.
    private func boundary(in line: [UInt8]) -> (start: Int, call: UInt64)? {
        guard line.count >= mark.count + 16 else { return nil }
        let digits = line.suffix(16)
        let gap = line[..<digits.startIndex].last == UInt8(ascii: " ") ? 1 : 0
        let head = line[..<(digits.startIndex - gap)]
        guard head.suffix(mark.count).elementsEqual(mark),
            let call = UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        return (head.count - mark.count, call)
    }
}
