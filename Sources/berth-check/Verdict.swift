import CCheckShims
import CGuestWire.Shims

/// What a check found.
enum Verdict {
    case pass
    case passed(Words)
    case fail(Words)
    case notApplicable(Words)
    /// Something for `berth` to compare with another process's.
    case value(UInt64)
}

/// The way back to `berth`: lines on descriptor 3, and a page that says what is being done, for when this process dies.
enum Report {
    private static let results: Int32 = 3
    static let page: Int32 = 4
    /// Mapped once by `main`, before there is another thread, and written by the run thread alone.
    nonisolated(unsafe) private static var place: UnsafeMutablePointer<UInt8>?
    private static let room = 1024

    static func open() {
        place = check_map_shared(page)?.assumingMemoryBound(to: UInt8.self)
    }

    /// What is about to be done.
    static func doing(_ words: Words) {
        guard let place else { return }
        var index = 0
        for byte in words.bytes where index < room - 1 {
            place[index] = byte
            index += 1
        }
        place[index] = 0
    }

    static func end(_ verdict: Verdict) -> Never {
        switch verdict {
        case .pass: line("pass", "")
        case .passed(let words): line("pass", words)
        case .fail(let words): line("fail", words)
        case .notApplicable(let words): line("skip", words)
        case .value(let number): line("value", "\(number)")
        }
        _exit(0)
    }

    /// The check could not be made at all.
    static func broken(_ words: Words) -> Never {
        line("broken", words)
        _exit(0)
    }

    private static func line(_ word: StaticString, _ words: Words) {
        var bytes = Words("\(word) ").bytes
        for byte in words.bytes { bytes.append(byte == 0x0A ? 0x20 : byte) }
        bytes.append(0x0A)
        bytes.withUnsafeBytes { _ = write(results, $0.baseAddress, $0.count) }
    }
}
