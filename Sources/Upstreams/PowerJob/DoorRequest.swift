import JobModel
import NIOCore
import NIOHTTP1

/// A request that comes in part by part.
struct DoorRequest {
    private let most: Int
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false

    init(most: Int) {
        self.most = most
    }

    /// All of it, with its last part. What is too large is read to its end and forgotten.
    mutating func take(_ part: HTTPServerRequestPart) -> Whole? {
        switch part {
        case .head(let head):
            self.head = head
            return nil
        case .body(let bytes):
            isTooLarge = isTooLarge || body.count + bytes.readableBytes > most
            if isTooLarge { body = [] } else { body += bytes.readableBytesView }
            return nil
        case .end:
            return head.map { Whole(head: $0, body: isTooLarge ? nil : body) }
        }
    }

    struct Whole {
        var head: HTTPRequestHead
        /// Nil: too large.
        var body: [UInt8]?

        var isKeptAlive: Bool { head.isKeepAlive }

        func answer(_ handler: PowerJobDoor.Handler) async -> DoorAnswer {
            guard head.method == .POST else { return .fault(405, "only POST is answered here") }
            guard let body else { return .fault(413, "the request is too large") }
            let message: JSONValue
            do {
                message = try JSONParser.parse(body)
            } catch {
                return .fault(400, "the request is not JSON: \(error)")
            }
            guard message.members != nil else { return .fault(400, "the request is \(message.kind), not an object") }
            return await handler(head.path, message)
        }
    }
}

extension HTTPRequestHead {
    /// Without the query.
    var path: String { String(uri.prefix { $0 != "?" }) }
}
