import Foundation
import HTTPTypes
import Hummingbird
import JobModel
import NIOCore

enum RequestBodyLimit {
    static let bytes = 16 << 20
}

extension Request {
    /// The whole body, at most 16 MiB.
    func bodyBytes() async throws -> ByteBuffer {
        if let length = headers[.contentLength].flatMap(Int.init), length > RequestBodyLimit.bytes {
            throw Problem.bodyTooLarge
        }
        var request = self
        return try await request.collectBody(upTo: RequestBodyLimit.bytes)
    }

    func json() async throws -> JSONValue {
        try JSONParser.parse(try await bodyBytes().readableBytesView)
    }

    /// As `json`, an empty body being an empty object.
    func jsonIfAny() async throws -> JSONValue {
        let body = try await bodyBytes()
        return body.readableBytes == 0 ? .object([]) : try JSONParser.parse(body.readableBytesView)
    }

    var isNDJSON: Bool { headers[.contentType]?.hasPrefix("application/x-ndjson") ?? false }

    /// Who asks, for the history.
    var actor: String { headers[.userAgent]?.hasPrefix("berth/") ?? false ? "cli" : "api" }

    /// The query as an object of texts, so that it is read, and refused, like any other request.
    func query() throws(FieldError) -> FieldReader {
        try FieldReader(
            .object(
                uri.queryParameters.map { JSONMember(String($0.key), .string(String($0.value))) }))
    }
}

extension RequestContext {
    /// The part of the path in the place of a parameter, as its author meant it.
    func name(_ parameter: String) throws -> String {
        let part = try parameters.require(parameter)
        return part.removingPercentEncoding ?? part
    }
}

extension FieldReader {
    /// A whole number written as text.
    mutating func count(_ name: String, in range: ClosedRange<Int64>) throws(FieldError) -> Int64? {
        try convert(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") {
            $0.string.flatMap { Int64($0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func flag(_ name: String) throws(FieldError) -> Bool {
        try convert(name, "must be true or false") { $0.string.flatMap { Bool($0) } } ?? false
    }
}

extension Response {
    init(json: JSONValue, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}
