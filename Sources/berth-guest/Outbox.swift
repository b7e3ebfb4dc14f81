import CGuestWire.Shims

/// The way to the host, shared by all threads. Frames never mix: what one call could not send waits in front of
/// everything that comes later.
///
/// Unchecked because `rest` and `isBehind` are touched only with `gate` locked.
final class Outbox: @unchecked Sendable {
    private let gate = Lock()
    private var rest: [UInt8] = []
    private var isBehind = false
    private static let patience: Int32 = 5

    /// Sends all of `bytes`, however long the host takes to read.
    func send(_ bytes: UnsafeRawBufferPointer) {
        gate.lock()
        var isSent = push(bytes)
        while !isSent {
            gate.unlock()
            waitForRoom(milliseconds: -1)
            gate.lock()
            isSent = flush()
        }
        gate.unlock()
    }

    func send(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { send($0) }
    }

    /// Sends `bytes`, or takes nothing and answers `false` when the host is behind. Gives a host that was in step until
    /// now a few milliseconds to catch up.
    func offer(_ bytes: [UInt8]) -> Bool {
        gate.lock()
        defer { gate.unlock() }
        if begin(bytes) {
            isBehind = false
        } else if !isBehind {
            gate.unlock()
            waitForRoom(milliseconds: Self.patience)
            gate.lock()
            isBehind = !begin(bytes)
        }
        return !isBehind
    }

    /// Takes `bytes` in any case and does not wait; `flushIfNeeded` brings a remainder on its way.
    func post(_ bytes: [UInt8]) {
        gate.lock()
        _ = bytes.withUnsafeBytes { push($0) }
        gate.unlock()
    }

    /// Whether everything that was taken is on its way.
    func flushIfNeeded() -> Bool {
        gate.lock()
        defer { gate.unlock() }
        return flush()
    }

    // MARK: With the gate locked

    private func push(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard flush() else {
            keep(bytes)
            return false
        }
        let count = write(bytes)
        guard count < bytes.count else { return true }
        keep(UnsafeRawBufferPointer(rebasing: bytes[count...]))
        return false
    }

    /// Sends at least the first byte, so that the frame is on its way, or nothing.
    private func begin(_ bytes: [UInt8]) -> Bool {
        guard flush() else { return false }
        return bytes.withUnsafeBytes { whole in
            let count = write(whole)
            guard count > 0 else { return false }
            keep(UnsafeRawBufferPointer(rebasing: whole[count...]))
            return true
        }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        if !bytes.isEmpty {
            rest.append(contentsOf: bytes)
        }
    }

    private func flush() -> Bool {
        guard !rest.isEmpty else { return true }
        let count = rest.withUnsafeBytes { write($0) }
        if count == rest.count {
            rest = []
        } else if count > 0 {
            rest.removeFirst(count)
        }
        return rest.isEmpty
    }

    /// How many bytes went out. A guest whose host no longer listens has nothing left to do.
    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        while sent < bytes.count, let base = bytes.baseAddress {
            let count = guest_send(GW_SOCKET, base + sent, bytes.count - sent)
            if count > 0 {
                sent += count
            } else if guest_errno() == EAGAIN {
                break
            } else if guest_errno() != EINTR {
                _exit(ExitCode.hostGone)
            }
        }
        return sent
    }

    private func waitForRoom(milliseconds: Int32) {
        var socket = pollfd(fd: GW_SOCKET, events: Int16(POLLOUT), revents: 0)
        poll(&socket, 1, milliseconds)
    }
}
