extension ZoneRules {
    /// Whether a text is spelled like the name of a zone: plain parts between slashes, none of them empty or a way out of
    /// the folder of zones. Says nothing of whether there is such a zone.
    package static func isName(_ text: some StringProtocol) -> Bool {
        isName(Array(text.utf8)[...])
    }

    static func isName(_ name: [UInt8].SubSequence) -> Bool {
        name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.first != UInt8(ascii: ".") && part.allSatisfy(isNameByte)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
