/// What the host reads of a guest: frames, and what lies in them.
@_cdecl("LLVMFuzzerTestOneInput")
public func readHostFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = WireAnswer.words(to: Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
