/// A place within a JSON value, written `$.path.to[3]`.
struct JSONPath: Sendable, CustomStringConvertible {
    enum Step: Sendable {
        case member(String)
        case element(Int)
    }

    private(set) var steps: [Step] = []

    func member(_ name: String) -> JSONPath { adding(.member(name)) }
    func element(_ index: Int) -> JSONPath { adding(.element(index)) }

    mutating func enter(_ step: Step) { steps.append(step) }
    mutating func leave() { steps.removeLast() }

    private func adding(_ step: Step) -> JSONPath {
        var path = self
        path.steps.append(step)
        return path
    }

    var description: String {
        steps.reduce(into: "$") { text, step in
            switch step {
            case .element(let index): text += "[\(index)]"
            case .member(let name): text += Self.isPlain(name) ? ".\(name)" : "[\(JSONValue.string(name.excerpt).text)]"
            }
        }
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 60
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
                    || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            }
    }
}
