import JobModel

@testable import GuestPool

/// What the host makes of a guest's bytes, in words; for whoever makes up such bytes, also outside of these tests.
enum WireAnswer {
    static func words(to bytes: [UInt8]) -> String {
        var reader = FrameReader()
        var frames: [GuestFrame] = []
        var words: [String] = []
        do throws(ProtocolViolation) {
            // In two pieces, so that what is kept between them is read too.
            let half = bytes.count / 2
            for piece in [bytes[..<half], bytes[half...]] { try read(Array(piece), &reader, &frames) }
        } catch {
            words.append(error.message)
        }
        for frame in frames.prefix(20) { words.append(inside(frame)) }
        words.append(inside(.loaded(piece: bytes, isLast: true)))
        words.append(inside(.children(call: 1, bytes: bytes)))
        return words.joined(separator: "; ")
    }

    private static func read(
        _ piece: [UInt8], _ reader: inout FrameReader, _ frames: inout [GuestFrame]
    ) throws(ProtocolViolation) {
        var violation: ProtocolViolation?
        piece.withUnsafeBytes { bytes in
            do throws(ProtocolViolation) { try reader.read(bytes, into: &frames) } catch { violation = error }
        }
        if let violation { throw violation }
    }

    private static func inside(_ frame: GuestFrame) -> String {
        do throws(ProtocolViolation) {
            switch frame {
            case .hello: return "hello"
            case .loaded(let piece, _): return "loaded \(try DescriptorReader.read(piece).components.count)"
            case .failed: return "failed"
            case .emit: return "emit"
            case .log(_, let entry): return "log \(entry.level)"
            case .done(_, let done): return "done \(done.code > 0)"
            case .children(_, let bytes):
                var children = ChildReader()
                try children.append(bytes)
                return "children \(try children.children(announced: 1).count)"
            case .ask(_, let piece, _):
                var ask = AskReader()
                try ask.append(piece)
                _ = try ask.question()
                return "ask"
            default: return "more"
            }
        } catch {
            return error.message
        }
    }
}
