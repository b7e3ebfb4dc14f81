/// What a guest reads of its host: the same in one piece and in small ones.
@_cdecl("LLVMFuzzerTestOneInput")
public func readGuestFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    precondition(Transcript(of: bytes) == Transcript(of: bytes, nextSize: { 7 }))
    return 0
}
