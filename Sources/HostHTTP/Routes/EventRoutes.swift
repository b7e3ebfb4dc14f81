import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// GET /events: server-sent events, one per announcement, with ids `<host start>-<n>`. A reader that cannot go on where
/// it was (`Last-Event-ID`), because the host started again or it fell too far behind, gets `reset` and reads again.
struct EventRoutes {
    let feed: EventFeed

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/events") { request, _ in
            let position = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
            return Response(
                status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: ResponseBody { [feed] writer in
                    let reading = feed.read(after: position)
                    if !reading.isComplete { try await writer.write(Self.reset) }
                    // Something at once, so that the reader sees that the stream is open.
                    try await writer.write(ByteBuffer(string: ": berth\n\n"))
                    var last: UInt64?
                    for event in reading.missed {
                        try await writer.write(Self.buffer(event, feed))
                        last = event.number
                    }
                    for await event in reading.coming.cancelOnGracefulShutdown() {
                        if let last, event.number > last + 1 { try await writer.write(Self.reset) }
                        try await writer.write(Self.buffer(event, feed))
                        last = event.number
                    }
                    try await writer.finish(nil)
                })
        }
    }

    private static let reset = ByteBuffer(string: "event: reset\ndata: {}\n\n")

    private static func buffer(_ event: EventFeed.Event, _ feed: EventFeed) -> ByteBuffer {
        var buffer = ByteBuffer(string: "id: \(feed.epoch)-\(event.number)\nevent: \(event.view.type)\ndata: ")
        buffer.writeBytes(event.view.json.bytes)
        buffer.writeString("\n\n")
        return buffer
    }
}
