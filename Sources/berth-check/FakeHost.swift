import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// The host that the plugin sees: a table of services, attempts, and what the plugin did that it must not do.
enum FakeHost {
    /// Made once, before there is another thread.
    static let attempts = (0..<Int(GW_SLOTS)).map { _ in Attempt() }
    static let breaches = Breaches()
    static let store = KeyStore()
    static let stopper = Stopper()

    static func context(_ slot: Int) -> OpaquePointer? {
        OpaquePointer(bitPattern: UInt(attempts[slot].generation) << 6 | UInt(slot))
    }

    /// The attempt with `gate` locked, its call counted; nil when the context is over or never was.
    static func enter(_ context: OpaquePointer?, _ service: Service) -> Attempt? {
        let bits = UInt(bitPattern: context)
        let index = Int(bits & 63)
        guard bits != 0, index < attempts.count else {
            breaches.note(.late, service)
            return nil
        }
        let attempt = attempts[index]
        attempt.gate.lock()
        guard attempt.isOpen, attempt.generation == UInt64(bits >> 6) else {
            attempt.gate.unlock()
            breaches.note(.late, service)
            return nil
        }
        store.countCall()
        return attempt
    }

    /// As `enter`, for services that belong to the run thread.
    static func enterOwn(_ context: OpaquePointer?, _ service: Service) -> Attempt? {
        guard let attempt = enter(context, service) else { return nil }
        guard pthread_equal(attempt.runThread, pthread_self()) != 0 else {
            attempt.gate.unlock()
            breaches.note(.foreign, service)
            return nil
        }
        return attempt
    }
}

/// Calls that break the contract. Unchecked because all is reached with `gate` locked.
final class Breaches: @unchecked Sendable {
    enum Kind: Int {
        case late, foreign
    }

    private let gate = Lock()
    private var first: [Service?] = [nil, nil]

    func note(_ kind: Kind, _ service: Service) {
        gate.lock()
        if first[kind.rawValue] == nil { first[kind.rawValue] = service }
        gate.unlock()
    }

    func first(_ kind: Kind) -> Service? {
        gate.lock()
        defer { gate.unlock() }
        return first[kind.rawValue]
    }
}

/// Keys and values of the plugin, as long as this process lives; in `idempotence` longer.
/// Unchecked because all is reached with `gate` locked.
final class KeyStore: @unchecked Sendable {
    private struct Entry {
        var key: [UInt8]
        var value: [UInt8]
        var version: UInt64
    }

    private let gate = Lock()
    private var entries: [Entry] = []
    private var file: Int32 = -1
    private var calls: UInt64 = 0
    private var dieAt: UInt64 = 0

    /// Every service call counts; the process ends at the one named, as if killed.
    func countCall() {
        guard dieAt > 0 else { return }
        gate.lock()
        calls += 1
        if calls == dieAt { _ = kill(getpid(), SIGKILL) }
        gate.unlock()
    }

    func die(at call: UInt64) {
        dieAt = call
    }

    var callCount: UInt64 { calls }

    /// Takes up what an earlier process left in the file, and leaves everything there from now on.
    func keep(in file: Int32) {
        self.file = file
        var bytes = [UInt8](repeating: 0, count: Int(check_file_size(file)))
        _ = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        var rest = bytes[...]
        while let key = Self.take(&rest), let value = Self.take(&rest) {
            entries.append(Entry(key: key, value: value, version: UInt64(entries.count + 1)))
        }
        dieAt = dieAt == 0 ? UInt64.max : dieAt
    }

    func get(_ key: [UInt8]) -> (value: [UInt8], version: UInt64)? {
        gate.lock()
        defer { gate.unlock() }
        return entries.first { $0.key == key }.map { ($0.value, $0.version) }
    }

    func put(_ key: [UInt8], _ value: [UInt8], ifVersion: UInt64) -> Int32 {
        gate.lock()
        defer { gate.unlock() }
        if let index = entries.firstIndex(where: { $0.key == key }) {
            guard ifVersion == UInt64.max || ifVersion == entries[index].version else { return BERTH_CONFLICT }
            entries[index].value = value
            entries[index].version += 1
        } else {
            guard ifVersion == 0 || ifVersion == UInt64.max else { return BERTH_CONFLICT }
            entries.append(Entry(key: key, value: value, version: 1))
        }
        save()
        return BERTH_OK
    }

    /// Of keys and values, whatever their versions.
    var hash: UInt64 {
        var hash = Hash()
        for entry in entries {
            hash.add(entry.key.count)
            hash.add(entry.key)
            hash.add(entry.value.count)
            hash.add(entry.value)
        }
        return hash.value
    }

    private func save() {
        guard file >= 0 else { return }
        var bytes: [UInt8] = []
        for entry in entries {
            for part in [entry.key, entry.value] {
                for shift in stride(from: UInt64(0), to: 32, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: UInt64(part.count) >> shift))
                }
                bytes.append(contentsOf: part)
            }
        }
        _ = ftruncate(file, 0)
        _ = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    private static func take(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.count >= 4 else { return nil }
        var length = 0
        for (place, byte) in rest.prefix(4).enumerated() { length |= Int(byte) << (8 * place) }
        rest = rest.dropFirst(4)
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return [UInt8](rest.prefix(length))
    }
}
