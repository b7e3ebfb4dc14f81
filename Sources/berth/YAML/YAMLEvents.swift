import CYaml

/// The events that a text is composed of, one by one, up to its end or its first mistake. Nothing is kept of them: the work
/// grows with the text alone.
///
/// Yams gives whole values only, and has made them by then; its parser stands open beneath it.
struct YAMLEvents: IteratorProtocol {
    struct Event {
        enum Kind {
            case scalar(bytes: Int)
            case alias
            case begin(isMapping: Bool)
            case end
            /// Begins and ends of the stream and its documents.
            case other
        }

        var kind: Kind
        /// The name it gives itself or, of an alias, the name it stands for.
        var anchor: String?
        /// From 1.
        var line: Int
    }

    private let parser: Parser

    init(_ text: String) {
        parser = Parser(text)
    }

    mutating func next() -> Event? { parser.next() }

    /// The C parser keeps its own address and that of the text.
    private final class Parser {
        private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        private let bytes: UnsafeMutableBufferPointer<UInt8>

        init(_ text: String) {
            bytes = .allocate(capacity: max(1, text.utf8.count))
            _ = bytes.initialize(from: text.utf8)
            parser.initialize(to: yaml_parser_t())
            yaml_parser_initialize(parser)
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, bytes.baseAddress, text.utf8.count)
        }

        deinit {
            yaml_parser_delete(parser)
            parser.deallocate()
            bytes.deallocate()
        }

        func next() -> Event? {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1, event.type != YAML_STREAM_END_EVENT else { return nil }
            defer { yaml_event_delete(&event) }
            let line = event.start_mark.line + 1
            let data = event.data
            return switch event.type {
            case YAML_SCALAR_EVENT:
                Event(kind: .scalar(bytes: data.scalar.length), anchor: Self.text(data.scalar.anchor), line: line)
            case YAML_ALIAS_EVENT: Event(kind: .alias, anchor: Self.text(data.alias.anchor), line: line)
            case YAML_SEQUENCE_START_EVENT:
                Event(kind: .begin(isMapping: false), anchor: Self.text(data.sequence_start.anchor), line: line)
            case YAML_MAPPING_START_EVENT:
                Event(kind: .begin(isMapping: true), anchor: Self.text(data.mapping_start.anchor), line: line)
            case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: Event(kind: .end, line: line)
            default: Event(kind: .other, line: line)
            }
        }

        private static func text(_ pointer: UnsafePointer<UInt8>?) -> String? { pointer.map { String(cString: $0) } }
    }
}
