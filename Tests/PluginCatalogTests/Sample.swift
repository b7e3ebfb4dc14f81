import Foundation
import TestSupport
import Testing

/// Plugins made of Tests/Fixtures/catalog.c, and their bytes with this or that broken.
enum Sample {
    static func file(_ id: String = "sample", _ version: String = "1.0.0", _ flags: [String] = []) throws -> URL {
        try FixturePlugin.library(
            "catalog", flags: ["-DPLUGIN_ID=\"\(id)\"", "-DPLUGIN_VERSION=\"\(version)\""] + flags)
    }

    static func bytes(_ id: String = "sample", _ version: String = "1.0.0", _ flags: [String] = []) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: file(id, version, flags)))
    }

    static func odd(_ kind: String) throws -> [UInt8] {
        try bytes("sample", "1.0.0", ["-DENTRY_IS_ODD", "-DENTRY_IS_\(kind)"])
    }

    static func forOtherMachine() throws -> [UInt8] {
        var bytes = try bytes()
        bytes[18] = bytes[18] == 183 ? 62 : 183
        return bytes
    }

    static func needingMissingLibrary() throws -> [UInt8] {
        try replacing("libc.so.6\0", by: "libq.so.6\0")
    }

    static func needingNewerLibc() throws -> [UInt8] {
        try replacing("\0GLIBC_2.", by: "\0GLIBC_9.")
    }

    /// It needs a version of libgcc_s.so.1 that no machine has.
    static func needingNewerLibrary() throws -> [UInt8] {
        try replacing("GCC_3.3\0", by: "GCC_9.3\0", in: bytes("sample", "1.0.0", ["-DUNWINDS", "-lgcc_s"]))
    }

    /// The segment with its code may be written to as well.
    static func withWritableCode() throws -> [UInt8] {
        var bytes = try bytes()
        let rows = Int(bytes[32]) | Int(bytes[33]) << 8
        for row in 0..<Int(bytes[56]) {
            let place = rows + row * 56
            if bytes[place] == 1, bytes[place + 4] & 1 != 0 { bytes[place + 4] |= 2 }
        }
        return bytes
    }

    /// Every place where `old` stands in the sample's bytes gets `new`, which is as long.
    private static func replacing(_ old: String, by new: String) throws -> [UInt8] {
        try replacing(old, by: new, in: bytes())
    }

    private static func replacing(_ old: String, by new: String, in bytes: [UInt8]) throws -> [UInt8] {
        var data = Data(bytes)
        try #require(data.range(of: Data(old.utf8)) != nil)
        while let place = data.range(of: Data(old.utf8)) { data.replaceSubrange(place, with: Data(new.utf8)) }
        return [UInt8](data)
    }
}
