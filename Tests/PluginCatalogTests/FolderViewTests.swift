import JobModel
import Testing

@testable import PluginCatalog

struct FolderViewTests {
    private let start = ContinuousClock.now
    private let wall = Instant(microseconds: 10_000_000)

    @Test func `A closed file is taken at once, and not again while it stays as it is`() {
        var view = FolderView()
        let stamp = stamp(changedAt: wall)
        #expect(view.closed("a.so", stamp) == [.ready("a.so", stamp, mayBeKnown: false)])
        #expect(look(&view, ["a.so": stamp]) == [.looked])
        #expect(!view.isWaiting)
    }

    @Test func `A file found by a look is taken when its last change is half a second past`() {
        var view = FolderView()
        let old = stamp(changedAt: wall + .milliseconds(-500))
        #expect(look(&view, ["a.so": old]) == [.ready("a.so", old, mayBeKnown: true), .looked])
    }

    @Test func `A file that grows is taken when it has rested`() {
        var view = FolderView()
        let half = stamp(size: 10, changedAt: wall)
        let whole = stamp(size: 20, changedAt: wall + .milliseconds(300))
        #expect(look(&view, ["a.so": half]) == [.appeared("a.so", half), .looked])
        #expect(view.isWaiting)
        #expect(look(&view, ["a.so": whole], after: .milliseconds(400)) == [])
        #expect(look(&view, ["a.so": whole], after: .milliseconds(899), wallAfter: .milliseconds(400)) == [])
        #expect(
            look(&view, ["a.so": whole], after: .milliseconds(900), wallAfter: .milliseconds(400))
                == [.ready("a.so", whole, mayBeKnown: true)])
    }

    @Test func `A file that was taken and is written again is taken again`() {
        var view = FolderView()
        _ = view.closed("a.so", stamp(size: 10, changedAt: wall))
        let longer = stamp(size: 20, changedAt: wall + .milliseconds(100))
        #expect(look(&view, ["a.so": longer], after: .milliseconds(100)) == [.looked])
        #expect(view.isWaiting)
        #expect(view.closed("a.so", longer) == [.ready("a.so", longer, mayBeKnown: false)])
    }

    @Test func `A file being written is not looked for before its close`() {
        var view = FolderView()
        let stamp = stamp(changedAt: wall)
        #expect(view.opened("a.so", stamp) == [.appeared("a.so", stamp)])
        #expect(!view.isWaiting)
    }

    @Test func `A file that gets another mode is taken again, one that is being written is not`() {
        var view = FolderView()
        let before = stamp(changedAt: wall + .seconds(-9))
        var after = before
        after.mode = 0o100666
        _ = view.closed("a.so", before)
        #expect(view.touched("a.so", before, at: start, wall: wall) == [])
        #expect(view.touched("a.so", after, at: start, wall: wall) == [.ready("a.so", after, mayBeKnown: true)])
        _ = view.opened("b.so", before)
        #expect(view.touched("b.so", after, at: start, wall: wall) == [])
    }

    @Test func `A look says when others than before can write to the folder`() {
        var view = FolderView()
        let fault = Rejection.openFolder(path: "/", why: "is open")
        #expect(view.looked([:], fault: fault, at: start, wall: wall) == [.looked])
        #expect(view.looked([:], fault: fault, at: start, wall: wall) == [])
        #expect(view.looked([:], at: start, wall: wall) == [.otherHands])
        #expect(view.looked([:], at: start, wall: wall) == [])
    }

    @Test func `What is gone is told once`() {
        var view = FolderView()
        _ = view.closed("a.so", stamp(changedAt: wall))
        _ = view.closed("b.so", stamp(changedAt: wall))
        #expect(view.removed("a.so") == [.gone("a.so")])
        #expect(view.removed("a.so") == [])
        #expect(look(&view, [:]) == [.gone("b.so"), .looked])
    }

    @Test func `A look names files in the order in which they changed`() {
        var view = FolderView()
        let older = stamp(changedAt: wall + .seconds(-9))
        let newer = stamp(changedAt: wall + .seconds(-5))
        #expect(
            look(&view, ["a.so": newer, "b.so": older])
                == [.ready("b.so", older, mayBeKnown: true), .ready("a.so", newer, mayBeKnown: true), .looked])
    }

    @Test func `Only visible files named as libraries count`() {
        #expect(FolderView.isCandidate("a.so"))
        #expect(!FolderView.isCandidate(".a.so"))
        #expect(!FolderView.isCandidate("a.so.part"))
        #expect(!FolderView.isCandidate("a.txt"))
    }

    private func stamp(size: Int64 = 10, changedAt: Instant) -> FileStamp {
        FileStamp(
            device: 1, inode: 2, size: size, modified: changedAt.microseconds * 1000,
            changed: changedAt.microseconds * 1000)
    }

    private func look(
        _ view: inout FolderView, _ found: [String: FileStamp], after: Duration = .zero, wallAfter: Duration? = nil
    ) -> [FolderEvent] {
        view.looked(found, at: start + after, wall: wall + (wallAfter ?? after))
    }

    @Test func `A folder that cannot be read says nothing of its files, and one that is gone has none`() {
        #expect(FolderListing.candidates("/proc/self/status") == nil)
        #expect(FolderListing.candidates("/nowhere/at/all") == [:])
    }
}
