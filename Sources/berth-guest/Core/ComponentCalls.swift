import CBerthPlugin

/// The functions of one component, copied out of the plugin up to the size it gave; what it did not give is null.
enum ComponentCalls {
    case handler(berth_handler)
    case processor(berth_processor)
    case runner(berth_runner)

    /// Nil when the kind is unknown or its one obligatory function is missing.
    init?(kind: UInt32, table: UnsafeRawPointer) {
        switch kind {
        case BERTH_KIND_HANDLER:
            let handler = Prefix.read(table, berth_handler())
            guard handler.execute != nil else { return nil }
            self = .handler(handler)
        case BERTH_KIND_PROCESSOR:
            let processor = Prefix.read(table, berth_processor())
            guard processor.run != nil else { return nil }
            self = .processor(processor)
        case BERTH_KIND_RUNNER:
            let runner = Prefix.read(table, berth_runner())
            guard runner.execute != nil else { return nil }
            self = .runner(runner)
        default: return nil
        }
    }
}

/// One component as the guest uses it: its functions, what it declares, and what it offers beyond its kind.
struct LoadedComponent {
    let calls: ComponentCalls
    let flags: UInt64
    let `extension`: (@convention(c) (UnsafePointer<CChar>?) -> UnsafeRawPointer?)?

    /// In the component's own words; nil when it has none.
    func explain(_ code: berth_status) -> UnsafePointer<CChar>? {
        guard let table = `extension`?(BERTH_EXTENSION_EXPLAIN) else { return nil }
        return Prefix.read(table, berth_explain()).explain?(code)
    }
}

/// Structs that may be shorter or longer than ours: each starts with its size in four bytes.
enum Prefix {
    /// `zero` with as many of its first bytes replaced as the struct at `place` has and both know.
    static func read<Value: BitwiseCopyable>(_ place: UnsafeRawPointer, _ zero: Value) -> Value {
        let size = Int(place.loadUnaligned(as: UInt32.self))
        var value = zero
        withUnsafeMutableBytes(of: &value) { target in
            guard let base = target.baseAddress else { return }
            base.copyMemory(from: place, byteCount: min(size, target.count))
        }
        return value
    }
}
