/// Numbers of one attempt, kept with it and shown beside it once it has ended by itself. Names are
/// `[a-z][a-z0-9_.]{0,63}`; an attempt has up to 32. False where the host keeps none, or takes no more.
extension Context {
    /// Counts, from 0.
    @discardableResult
    public func add(_ more: Int64 = 1, to metric: String) -> Bool {
        guard let metrics else { return false }
        return withBytes(metric) { metrics.pointee.add(handle, $0.baseAddress, $0.count, more) } == BERTH_OK
    }

    /// Replaces what was there.
    @discardableResult
    public func set(_ metric: String, to value: Int64) -> Bool {
        guard let metrics else { return false }
        return withBytes(metric) { metrics.pointee.set(handle, $0.baseAddress, $0.count, value) } == BERTH_OK
    }

    private var metrics: UnsafePointer<berth_metrics>? {
        host.pointee.extension(BERTH_EXTENSION_METRICS)?.assumingMemoryBound(to: berth_metrics.self)
    }
}
