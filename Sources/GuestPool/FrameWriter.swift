import CGuestWire
import CLinux
import Glibc
import JobModel

/// Frames for a guest, gathered until the socket takes them: one write for all that came together in a turn.
struct FrameWriter {
    private(set) var bytes: [UInt8] = []
    private var sent = 0

    /// Bytes the socket has not taken yet.
    var waiting: Int { bytes.count - sent }

    /// Sends what the socket takes now. False when the other end is gone.
    mutating func send(to socket: Int32) -> Bool {
        while waiting > 0 {
            let count = bytes.withUnsafeBytes { berth_send(socket, $0.baseAddress.map { $0 + sent }, waiting) }
            guard count > 0 else { return count == -Int(EAGAIN) }
            sent += count
        }
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        sent = 0
        return true
    }

    mutating func run(_ order: AttemptOrder, call: UInt64, seat: Int) {
        let job = Array(order.jobName.utf8.prefix(1024))
        let trace = Array(order.traceparent.utf8.prefix(256))
        let body = gw_run(
            component: order.component, stage: UInt32(order.stage?.rawValue ?? 0),
            run: UInt64(bitPattern: order.key.run),
            root_run: UInt64(bitPattern: order.rootRun), limit_ns: UInt64(order.limit?.nanoseconds ?? 0),
            start_number: UInt32(bitPattern: order.key.number),
            grace_ms: UInt32(clamping: order.grace.nanoseconds / 1_000_000), output_limit: order.outputLimit,
            job_length: UInt32(job.count), trace_length: UInt32(trace.count),
            params_length: UInt32(order.params.count), child_index: UInt64(order.childIndex),
            child_count: UInt64(order.childCount), flags: order.sharing > 1 ? GW_RUN_SHARED : 0, zero: 0)
        let fixed = MemoryLayout<gw_run>.size + job.count + trace.count
        let room = Int(GW_BODY_LIMIT) - fixed
        let first = min(room, order.params.count)
        header(GW_RUN, length: fixed + first, call: call, seat: seat, more: first < order.params.count)
        append(body)
        bytes.append(contentsOf: job)
        bytes.append(contentsOf: trace)
        bytes.append(contentsOf: order.params[..<first])
        continued(GW_RUN, order.params, from: first, call: call, seat: seat)
    }

    mutating func answer(call: UInt64, seat: Int, _ answer: GuestAnswer) {
        let fixed = MemoryLayout<gw_answer>.size
        let first = min(Int(GW_BODY_LIMIT) - fixed, answer.payload.count)
        header(GW_ANSWER, length: fixed + first, call: call, seat: seat, more: first < answer.payload.count)
        append(
            gw_answer(status: answer.status, payload_length: UInt32(answer.payload.count), number: answer.number))
        bytes.append(contentsOf: answer.payload[..<first])
        continued(GW_ANSWER, answer.payload, from: first, call: call, seat: seat)
    }

    /// The rest of a payload, in frames of the same kind.
    private mutating func continued(_ kind: UInt32, _ payload: [UInt8], from start: Int, call: UInt64, seat: Int) {
        var position = start
        while position < payload.count {
            let end = min(position + Int(GW_BODY_LIMIT), payload.count)
            header(kind, length: end - position, call: call, seat: seat, more: end < payload.count)
            bytes.append(contentsOf: payload[position..<end])
            position = end
        }
    }

    mutating func cancel(call: UInt64, seat: Int, level: UInt32, reason: EndReason) {
        header(GW_CANCEL, length: MemoryLayout<gw_cancel>.size, call: call, seat: seat)
        append(gw_cancel(level: level, reason: reason.stopReason))
    }

    mutating func bye() {
        header(GW_BYE, length: 0)
    }

    mutating func load(_ spec: GuestSpec, isProbe: Bool) throws(ProbeFailure) {
        let path = Array(spec.library.utf8)
        let text = Array(spec.configuration.utf8)
        let secrets = Self.row(of: spec.secrets)
        let length = MemoryLayout<gw_load>.size + path.count + text.count + secrets.count
        guard length <= GW_BODY_LIMIT else {
            throw ProbeFailure(
                stage: .spawn, message: "configuration and secrets of \(text.count + secrets.count) bytes are too large"
            )
        }
        header(GW_LOAD, length: length)
        append(
            gw_load(
                path_length: UInt32(path.count), configuration_length: UInt32(text.count),
                secrets_length: UInt32(secrets.count), flags: isProbe ? GW_LOAD_PROBE : 0))
        bytes.append(contentsOf: path)
        bytes.append(contentsOf: text)
        bytes.append(contentsOf: secrets)
    }

    private static func row(of secrets: [GuestSecret]) -> [UInt8] {
        secrets.flatMap { secret in
            let head = gw_secret(
                name_length: UInt32(secret.name.utf8.count), value_length: UInt32(secret.value.count))
            return withUnsafeBytes(of: head) { Array($0) } + Array(secret.name.utf8) + secret.value
        }
    }

    mutating func setup(
        _ spec: GuestSpec, paths: [AccessPath], in namespaces: Namespaces, lacks: KernelLacks
    ) throws(ProbeFailure) {
        var entries: [UInt8] = []
        for path in paths {
            guard path.path.utf8.first == UInt8(ascii: "/"), !path.path.utf8.contains(0) else {
                throw ProbeFailure(stage: .spawn, message: "access needs absolute paths, not \"\(path.path)\"")
            }
            entries.append(path.rights)
            entries.append(contentsOf: path.path.utf8)
            entries.append(0)
        }
        let length = MemoryLayout<gw_setup>.size + entries.count
        guard length <= GW_BODY_LIMIT else {
            throw ProbeFailure(stage: .spawn, message: "\(paths.count) paths of access are too many")
        }
        header(GW_SETUP, length: length)
        append(
            gw_setup(
                wanted: spec.sandbox.features.given(namespaces).rawValue, grants: spec.grants.rawValue,
                memory_bytes: spec.limits.refusedMemoryBytes,
                file_bytes: spec.limits.fileBytes, open_files: spec.limits.openFiles,
                landlock_cap: lacks.landlockAbove ?? 0,
                lacks: lacks.features.rawValue, path_count: UInt32(paths.count)))
        bytes.append(contentsOf: entries)
    }

    private mutating func header(_ kind: UInt32, length: Int, call: UInt64 = 0, seat: Int = 0, more: Bool = false) {
        append(
            gw_frame(
                magic: UInt16(GW_MAGIC), kind: UInt8(kind), flags: more ? UInt8(GW_MORE) : 0, length: UInt32(length),
                slot: UInt32(seat), zero: 0, call: call))
    }

    private mutating func append<Value: BitwiseCopyable>(_ value: Value) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }
}

/// A path a guest may touch, with bits of GW_ACCESS_….
struct AccessPath {
    let path: String
    let rights: UInt8

    /// All that a guest of this spec may touch beyond what its program needs itself. What jobs name is not reached through
    /// links, since a plugin that may write there can leave some.
    static func all(of spec: GuestSpec, scratch: String) -> [AccessPath] {
        // A program that may be read may be run, where programs may be run at all.
        let read = UInt8(GW_ACCESS_READ | (spec.grants.contains(.subprocess) ? GW_ACCESS_EXECUTE : 0))
        let write = UInt8(GW_ACCESS_READ | GW_ACCESS_WRITE)
        let direct = UInt8(GW_ACCESS_DIRECT)
        return [AccessPath(path: spec.libraryFolder, rights: UInt8(GW_ACCESS_READ | GW_ACCESS_EXECUTE))]
            + [AccessPath(path: scratch, rights: write)]
            + spec.access.read.map { AccessPath(path: $0, rights: read | direct) }
            + spec.access.write.map { AccessPath(path: $0, rights: write | direct) }
    }
}

extension EndReason {
    /// BERTH_STOP_… of berth_plugin.h.
    var stopReason: Int32 {
        switch self {
        case .cancel, .parentCancelled: 1
        case .timeout, .stall, .cpu: 2
        case .shutdown, .reload: 3
        }
    }
}

extension SandboxFeatures {
    /// With those of the namespaces that were made, and of no others.
    fileprivate func given(_ namespaces: Namespaces) -> SandboxFeatures {
        var features = subtracting([.privateUsers, .privateNetwork, .privateProcesses])
        if namespaces.contains(.users) { features.insert(.privateUsers) }
        if namespaces.contains(.network) { features.insert(.privateNetwork) }
        if namespaces.contains(.processes) { features.insert(.privateProcesses) }
        return features
    }
}
