import Hummingbird
import JobEngine
import JobModel
import NIOCore
import ServiceLifecycle

/// GET /runs/{id}/logs?after=&limit= answers a page; with follow=true NDJSON lines until the run has ended.
struct LogRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/runs/:id/logs") { request, context in
            let id = try await engine.runID(context)
            _ = try await engine.run(id)
            var query = try request.query()
            let position = try query.count("after", in: 0...Int64.max) ?? 0
            let limit = Int(try query.count("limit", in: 1...1000) ?? 1000)
            let follows = try query.flag("follow")
            try query.finish()
            if follows { return follow(id, after: position) }
            let page = try await engine.logs(of: id, after: position, limit: limit)
            return Response(json: LogPageView(page.lines, next: page.next).json)
        }
    }

    private func follow(_ id: RunID, after start: Int64) -> Response {
        let body = ResponseBody { [engine] writer in
            try await engine.followLogs(of: id, after: start) { try await writer.write(Self.ndjson($0)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
    }

    private static func ndjson(_ lines: [LogLine]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for line in lines {
            buffer.writeBytes(LogLineView(line).json.bytes)
            buffer.writeInteger(UInt8(ascii: "\n"))
        }
        return buffer
    }
}

extension RunRecord {
    /// Nothing happens to it any more unless a person wants it to.
    var isOver: Bool { state.isEnd || state == .held }
}
