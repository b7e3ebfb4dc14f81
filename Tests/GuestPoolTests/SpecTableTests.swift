import JobModel
import Testing

@testable import GuestPool

/// The pool knows a spec for as long as somebody has its id.
struct SpecTableTests {
    @Test func `Equal specs have one id, and it says what they are`() {
        var table = SpecTable()
        let (one, other) = (Self.spec("/in/1"), Self.spec("/in/2"))
        let id = table.intern(one)
        #expect(table.intern(one) == id && table.intern(other) != id)
        #expect(id.spec == one)
        #expect(GuestSpecID(rawValue: id.rawValue).spec == nil, "not by its number")
    }

    @Test func `What nobody has is let go, what somebody has is not`() {
        var table = SpecTable()
        let kept = (0..<10).map { table.intern(Self.spec("/kept/\($0)")) }
        for number in 0..<10_000 { _ = table.intern(Self.spec("/in/\(number)")) }
        #expect(table.count <= SpecTable.fewest)
        for (number, id) in kept.enumerated() {
            #expect(id.spec == Self.spec("/kept/\(number)"))
            #expect(table.intern(Self.spec("/kept/\(number)")) == id)
        }
    }

    @Test func `Many that somebody has are all kept`() {
        var table = SpecTable()
        let ids = (0..<1000).map { table.intern(Self.spec("/in/\($0)")) }
        #expect(Set(ids).count == 1000 && table.count == 1000)
        #expect(ids.allSatisfy { $0.spec != nil })
    }

    @Test func `What could not be kept ready is tried again when an attempt needs it`() {
        var (table, warm) = (SpecTable(), WarmSpecs())
        let (named, other) = (table.intern(Self.spec("/in/1")), table.intern(Self.spec("/in/2")))
        warm.replace(with: [named])
        warm.giveUp(named)
        warm.giveUp(other)
        #expect(warm.ids == [named] && warm.isGivenUp(named))
        #expect(!warm.isGivenUp(other))
        warm.tryAgain(named)
        #expect(!warm.isGivenUp(named))
        warm.noteIdleDeath(named)
        warm.noteIdleDeath(named)
        #expect(!warm.isGivenUp(named))
        warm.noteIdleDeath(named)
        #expect(warm.isGivenUp(named))
        warm.removeAll(of: "none")
        #expect(warm.ids.isEmpty)
    }

    private static func spec(_ path: String) -> GuestSpec {
        GuestSpec(library: "/none", digest: "none", access: FileAccess(read: [path]))
    }
}
