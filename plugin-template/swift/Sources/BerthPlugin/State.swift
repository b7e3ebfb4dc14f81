/// Small state that belongs to plugin and job and outlives runs.
extension Context {
    /// A value and the version it has.
    public struct State: Hashable, Sendable {
        /// As it was written.
        public var bytes: [UInt8]
        /// Changes with every write.
        public var version: UInt64

        /// The value as text.
        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// Which write is meant to win.
    public enum Condition: Sendable {
        /// The key is new.
        case new
        /// Nobody has written since that version was read.
        case unchanged(UInt64)
        /// The last one.
        case always
    }

    /// What is kept under the key; nil when nothing is.
    public func state(_ key: String) throws(PluginFailure) -> State? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            var length = bytes.count
            var version: UInt64 = 0
            let status = withBytes(key) { key in
                bytes.withUnsafeMutableBytes {
                    host.pointee.kv_get(handle, key.baseAddress, key.count, $0.baseAddress, &length, &version)
                }
            }
            switch status {
            case BERTH_OK: return State(bytes: Array(bytes.prefix(length)), version: version)
            case BERTH_NOT_FOUND: return nil
            case BERTH_TOO_LARGE where length > bytes.count: bytes = [UInt8](repeating: 0, count: length)
            default: throw refusal("read state", status)
            }
        }
    }

    /// Keeps bytes under the key; false when the condition does not hold: read again, and decide again.
    public func setState(
        _ key: String, _ bytes: [UInt8], if condition: Condition = .always
    ) throws(PluginFailure) -> Bool {
        let status = withBytes(key) { key in
            bytes.withUnsafeBytes {
                host.pointee.kv_put(handle, key.baseAddress, key.count, $0.baseAddress, $0.count, condition.version)
            }
        }
        if status == BERTH_CONFLICT { return false }
        guard status == BERTH_OK else { throw refusal("keep state", status) }
        return true
    }

    /// Keeps a text under the key; false when the condition does not hold.
    public func setState(
        _ key: String, _ text: String, if condition: Condition = .always
    ) throws(PluginFailure) -> Bool {
        try setState(key, Array(text.utf8), if: condition)
    }

    func refusal(_ what: String, _ status: berth_status) -> PluginFailure {
        switch status {
        case BERTH_UNSUPPORTED: .permanent("this host does not \(what)")
        case BERTH_AGAIN: .retryable("the host cannot \(what) now")
        default: .permanent("the host did not \(what): code \(status)")
        }
    }
}

extension Context.Condition {
    /// As `kv_put` reads it.
    var version: UInt64 {
        switch self {
        case .new: 0
        case .unchanged(let version): version
        case .always: .max
        }
    }
}
