import JobModel
import Testing

struct RunTagsTests {
    @Test func `tags keep their order, each once, and come back from their text`() throws {
        let tags = try #require(RunTags(["b", "a", "b", "team:x/y=1@z"]))
        #expect(tags.words == ["b", "a", "team:x/y=1@z"])
        #expect(RunTags(text: tags.text) == tags)
        #expect(RunTags(text: nil) == .none)
        #expect(RunTags.none.text == nil)
    }

    @Test(arguments: ["", "two words", "ümlaut", "quote\"", "a,b", "a\0b", String(repeating: "x", count: 101)])
    func `what is no tag is refused`(word: String) {
        #expect(RunTags(["fine", word]) == nil)
    }

    @Test func `twenty are enough`() {
        #expect(RunTags((1...20).map { "t\($0)" }) != nil)
        #expect(RunTags((1...21).map { "t\($0)" }) == nil)
    }
}
