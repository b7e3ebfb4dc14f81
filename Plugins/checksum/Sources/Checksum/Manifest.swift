import BerthPlugin

/// SHA-256 of every file below a folder.
struct Manifest: Processor {
    private let path: String

    init(_ context: Context, _ params: Params) throws {
        path = try params.text("path")
    }

    func run(_ context: Context, _ input: Input) throws -> JSON? {
        let folder = try Folder(path, context)
        let digests = try digests(of: folder, context)
        return [
            "algorithm": "sha256",
            "count": .integer(Int64(folder.files.count)),
            "bytes": .integer(Int64(folder.bytes)),
            "files": .object(digests.mapValues { .string($0) }),
        ]
    }
}

/// Digests by name. Reports progress in bytes, and leaves the current file as breadcrumb.
func digests(of folder: Folder, _ context: Context) throws -> [String: String] {
    let total = folder.bytes
    var done: UInt64 = 0
    var digests: [String: String] = [:]
    for file in folder.files {
        context.breadcrumb(file.path)
        var hash = SHA256()
        try readBlocks(of: file.path) { block in
            try context.checkCancellation()
            hash.add(block)
            done += UInt64(block.count)
            context.progress(done, of: total, note: file.name)
        }
        digests[file.name] = hash.finish()
    }
    return digests
}
