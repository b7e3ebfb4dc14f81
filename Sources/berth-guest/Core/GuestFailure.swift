/// Why a guest ends before it could run anything.
struct GuestFailure: Error {
    var stage: UInt32
    var code: Int32 = 0
    var text: Sentence
}
