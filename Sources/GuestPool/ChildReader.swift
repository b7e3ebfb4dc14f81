import CGuestWire
import JobModel

/// The children that an attempt emitted: bytes as they come, read as a whole at its end.
struct ChildReader {
    private var bytes: [UInt8] = []

    mutating func append(_ piece: [UInt8]) throws(ProtocolViolation) {
        guard bytes.count + piece.count <= Int(GW_CHILDREN_BYTES_LIMIT) else {
            throw ProtocolViolation("children of more than \(GW_CHILDREN_BYTES_LIMIT) bytes")
        }
        bytes.append(contentsOf: piece)
    }

    /// All of them; there must be as many as were announced.
    func children(announced: UInt32) throws(ProtocolViolation) -> [ChildOrder] {
        guard announced <= GW_CHILDREN_LIMIT else { throw ProtocolViolation("\(announced) children are too many") }
        var children: [ChildOrder] = []
        var rest = bytes[...]
        while !rest.isEmpty { children.append(try Self.takeChild(&rest)) }
        guard children.count == Int(announced) else {
            throw ProtocolViolation("\(children.count) children, \(announced) were announced")
        }
        return children
    }

    private static func takeChild(_ rest: inout ArraySlice<UInt8>) throws(ProtocolViolation) -> ChildOrder {
        let size = MemoryLayout<gw_child>.size
        guard rest.count >= size else { throw ProtocolViolation("a child that ends within its head") }
        let head = rest.withUnsafeBytes { $0.loadUnaligned(as: gw_child.self) }
        rest = rest.dropFirst(size)
        guard head.name_length <= GW_CHILD_NAME_LIMIT, head.params_length <= GW_CHILD_PARAMS_LIMIT,
            rest.count >= Int(head.name_length) + Int(head.params_length)
        else { throw ProtocolViolation("a child that is larger than allowed or than what came") }
        let name = rest.prefix(Int(head.name_length))
        rest = rest.dropFirst(name.count)
        let params = rest.prefix(Int(head.params_length))
        rest = rest.dropFirst(params.count)
        let label = name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
        return ChildOrder(label: label, params: Array(params))
    }
}
