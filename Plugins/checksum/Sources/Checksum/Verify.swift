import BerthPlugin

/// Compares a folder with a manifest: what changed, what is missing, what is new.
struct Verify: Processor {
    private let path: String
    private let expected: [String: String]

    init(_ context: Context, _ params: Params) throws {
        path = try params.text("path")
        guard let manifest = try params.member("manifest") else {
            throw PluginFailure.params(#""manifest" is missing: {path: digest}, or the path of a manifest file"#)
        }
        if let file = manifest.string {
            expected = try Verify.read(file)
        } else {
            expected = try Verify.digests(manifest)
        }
    }

    func run(_ context: Context, _ input: Input) throws -> JSON? {
        let found = try Checksum.digests(of: Folder(path, context), context)
        let changed = expected.filter { found[$0.key] != nil && found[$0.key] != $0.value }.keys
        let missing = expected.keys.filter { found[$0] == nil }
        let new = found.keys.filter { expected[$0] == nil }
        return [
            "intact": .bool(changed.isEmpty && missing.isEmpty && new.isEmpty),
            "unchanged": .integer(Int64(expected.count - changed.count - missing.count)),
            "changed": list(changed), "missing": list(missing), "new": list(new),
        ]
    }

    private func list(_ names: some Sequence<String>) -> JSON {
        .array(names.sorted().map { .string($0) })
    }

    /// Either what `manifest` emits or the bare `{path: digest}`.
    private static func digests(_ manifest: JSON) throws -> [String: String] {
        guard let members = manifest["files"]?.object ?? manifest.object else {
            throw PluginFailure.params("the manifest is \(manifest), but must be {path: digest}")
        }
        return try members.mapValues { value in
            guard let digest = value.string, isDigest(digest) else {
                throw PluginFailure.params("the manifest holds \(value) where 64 hexadecimal digits belong")
            }
            return digest.lowercased()
        }
    }

    /// A file in JSON, or in lines as sha256sum writes them.
    private static func read(_ path: String) throws -> [String: String] {
        var bytes: [UInt8] = []
        try readBlocks(of: path) { block in
            guard bytes.count + block.count <= 64 << 20 else {
                throw PluginFailure.input("the manifest \(path) is larger than 64 MiB")
            }
            bytes += block
        }
        if bytes.first == UInt8(ascii: "{") { return try digests(Params(bytes: bytes).json()) }
        return try lines(String(decoding: bytes, as: UTF8.self), of: path)
    }

    private static func lines(_ text: String, of path: String) throws -> [String: String] {
        var digests: [String: String] = [:]
        for (number, line) in text.split(separator: "\n").enumerated() {
            let digest = String(line.prefix(64))
            let rest = line.dropFirst(64)
            guard isDigest(digest), rest.hasPrefix("  ") || rest.hasPrefix(" *") else {
                throw PluginFailure.input("line \(number + 1) of \(path) is not \"DIGEST  NAME\"")
            }
            let name = rest.dropFirst(2)
            digests[String(name.hasPrefix("./") ? name.dropFirst(2) : name)] = digest.lowercased()
        }
        return digests
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}
