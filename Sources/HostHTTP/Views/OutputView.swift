import Foundation
import JobModel

/// What a run gave out: `output` where it is JSON, `output_text` where it is other text, else `output_base64`.
enum OutputView {
    static func members(_ bytes: [UInt8]) -> [JSONMember] {
        if bytes.isEmpty { return [] }
        if let json = try? JSONParser.parse(bytes) { return [JSONMember("output", json)] }
        if let text = String(validating: bytes, as: UTF8.self) { return [JSONMember("output_text", .string(text))] }
        return [JSONMember("output_base64", .string(Data(bytes).base64EncodedString()))]
    }

    /// The way back; JSON comes out compact.
    static func bytes(_ run: JSONValue) -> [UInt8] {
        if let output = run["output"] { return output.bytes }
        if let text = run["output_text"]?.string { return Array(text.utf8) }
        return run["output_base64"]?.string.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
    }
}
