import Testing

@testable import Upstreams

struct TaskNoteTests {
    @Test(arguments: [0, 7, Int64.max] as [Int64])
    func `a note comes back as it was kept`(size: Int64) {
        var note = TaskNote(lock: "l", savesLog: true)
        (note.logged, note.logSize, note.isTimedOut) = (3, size, true)
        #expect(TaskNote(note.bytes) == note)
    }

    @Test(arguments: [-1, Int64.min])
    func `a size that can be none is one that was not said`(size: Int64) {
        var note = TaskNote(lock: "l", savesLog: true)
        (note.logged, note.logSize) = (3, size)
        #expect(TaskNote(note.bytes).logSize == nil)
    }
}
