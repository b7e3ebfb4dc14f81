package import JobModel

// {"memory": "512MiB", "cpu": "30s", "file_size": "1GiB", "scratch": "4GiB", "open_files": 64, "processes": 64,
//  "output": "1MiB", "log": "1MiB"}, and for the operator "timeout": "10m", "grace": "10s".
extension AttemptLimits {
    /// With `ofOperator`, caps on the time limit and the grace too; jobs have their own words for those.
    package init(json: JSONValue, path: String, ofOperator: Bool) throws(FieldError) {
        self.init()
        var fields = try FieldReader(json, path: path)
        if ofOperator {
            wall = try Self.duration("timeout", &fields)
            grace = try Self.duration("grace", &fields)
        }
        cpu = try Self.duration("cpu", &fields)
        memory = try Self.size("memory", &fields)
        fileSize = try Self.size("file_size", &fields)
        scratch = try Self.size("scratch", &fields)
        openFiles = try fields.integer("open_files", in: 16...1_000_000).map { UInt32($0) }
        processes = try fields.integer("processes", in: 1...1_000_000).map { UInt32($0) }
        output = try Self.size("output", &fields)
        log = try Self.size("log", &fields)
        try fields.finish()
    }

    private static func size(_ name: String, _ fields: inout FieldReader) throws(FieldError) -> UInt64? {
        try fields.convert(name, "must be a size such as 512MiB") { value in
            value.integer.flatMap { $0 > 0 ? UInt64($0) : nil } ?? value.string.flatMap { UInt64(sizeText: $0) }
        }
    }

    private static func duration(_ name: String, _ fields: inout FieldReader) throws(FieldError) -> Duration? {
        try fields.convert(name, "must be a duration above zero such as \"30s\"") { value in
            value.duration.flatMap { $0 > .zero ? $0 : nil }
        }
    }

    package var json: JSONValue {
        .object(present: [
            "timeout": wall.map { .string($0.berthText) },
            "grace": grace.map { .string($0.berthText) },
            "cpu": cpu.map { .string($0.berthText) },
            "memory": memory.map { .string($0.sizeText) },
            "file_size": fileSize.map { .string($0.sizeText) },
            "scratch": scratch.map { .string($0.sizeText) },
            "open_files": openFiles.map { .number($0) },
            "processes": processes.map { .number($0) },
            "output": output.map { .string($0.sizeText) },
            "log": log.map { .string($0.sizeText) },
        ])
    }
}
