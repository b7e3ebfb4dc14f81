/// Which run this is.
public struct RunIds: Sendable {
    /// The run's number, never used twice.
    public let run: UInt64
    /// The run itself, or the one whose stages this run belongs to.
    public let rootRun: UInt64
    /// 1 for the first attempt of the run.
    public let startNumber: UInt32
    /// Nil when the run belongs to none.
    public let job: String?
    /// W3C form.
    public let traceparent: String?

    init(_ handle: OpaquePointer, _ host: UnsafePointer<berth_host>) {
        var ids = berth_ids()
        ids.struct_size = UInt32(MemoryLayout<berth_ids>.size)
        _ = host.pointee.ids(handle, &ids)
        run = ids.run
        rootRun = ids.root_run
        startNumber = ids.start_number
        job = Self.text(ids.job, ids.job_length)
        traceparent = Self.text(ids.traceparent, ids.traceparent_length)
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String? {
        guard let start, length > 0 else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    }
}
