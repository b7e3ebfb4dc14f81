import CBerthPlugin
import CGuestWire

/// What an attempt emitted so far, held to the limits of one attempt.
struct ChildrenTally {
    private(set) var count = 0
    private var bytes = 0

    /// False, and nothing is counted, when that many more are too many.
    mutating func admit(count more: Int, bytes moreBytes: Int) -> Bool {
        guard count + more <= Int(GW_CHILDREN_LIMIT), bytes + moreBytes <= Int(GW_CHILDREN_BYTES_LIMIT) else {
            return false
        }
        count += more
        bytes += moreBytes
        return true
    }
}

/// Checks the children of one call and turns them into rows of CHILDREN.
struct ChildrenEncoder {
    private(set) var bytes: [UInt8] = []

    /// The array is strided by its first element's size. What a shorter element does not have is zero.
    mutating func add(_ children: UnsafePointer<berth_child>, _ count: Int) -> berth_status {
        let first = UnsafeRawPointer(children)
        let stride = Int(first.loadUnaligned(as: UInt32.self))
        guard stride >= Self.leastSize, stride <= 4096, stride % 8 == 0 else { return BERTH_BAD_CALL }
        for index in 0..<count {
            let place = first + index * stride
            let size = Int(place.loadUnaligned(as: UInt32.self))
            guard size >= Self.leastSize, size <= stride else { return BERTH_BAD_CALL }
            let code = add(Prefix.read(place, berth_child()))
            guard code == BERTH_OK else { return code }
        }
        return BERTH_OK
    }

    /// All members of version 1.0.
    private static let leastSize = MemoryLayout<berth_child>.size

    private mutating func add(_ child: berth_child) -> berth_status {
        guard child.flags == 0, child.name_length >= 0, child.params_length >= 0,
            child.name != nil || child.name_length == 0, child.params != nil || child.params_length == 0
        else { return BERTH_BAD_CALL }
        guard child.name_length <= Int(GW_CHILD_NAME_LIMIT), child.params_length <= Int(GW_CHILD_PARAMS_LIMIT) else {
            return BERTH_TOO_LARGE
        }
        let params = UnsafeRawBufferPointer(start: child.params, count: child.params_length)
        guard Self.looksLikeObject(params) else { return BERTH_FAIL_PARAMS }
        FrameEncoder.append(
            gw_child(name_length: UInt32(child.name_length), params_length: UInt32(child.params_length)), to: &bytes)
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: child.name, count: child.name_length))
        bytes.append(contentsOf: params)
        return BERTH_OK
    }

    private static func looksLikeObject(_ text: UnsafeRawBufferPointer) -> Bool {
        let start = text.first { !($0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D)) }
        return start == 0x7B
    }
}
