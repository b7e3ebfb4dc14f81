import Glibc

/// A child process that answers each 40-byte frame with one: this program again, with the argument `echo`.
struct EchoChild {
    let socket: Int32
    let process: pid_t

    static func start() throws -> EchoChild {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw BenchFailure("socketpair") }
        for end in ends {
            var bytes: Int32 = 1 << 20
            setsockopt(end, SOL_SOCKET, SO_SNDBUF, &bytes, 4)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 3)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("berth-bench"), strdup("echo"), nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        guard posix_spawn(&process, "/proc/self/exe", &actions, nil, &arguments, environ) == 0 else {
            throw BenchFailure("cannot start the echo child")
        }
        close(ends[1])
        return EchoChild(socket: ends[0], process: process)
    }

    func send(_ ids: [Int64]) throws {
        var bytes = [UInt8](repeating: 0, count: ids.count * BarePipeline.frameBytes)
        bytes.withUnsafeMutableBytes { buffer in
            for (index, id) in ids.enumerated() {
                buffer.storeBytes(of: id, toByteOffset: index * BarePipeline.frameBytes + 16, as: Int64.self)
            }
        }
        try bytes.withUnsafeBytes { try writeAll(socket, $0) }
    }

    /// The ids of the next `count` answers.
    func receive(_ count: Int) throws -> [Int64] {
        var bytes = [UInt8](repeating: 0, count: count * BarePipeline.frameBytes)
        var have = 0
        while have < bytes.count {
            let got = bytes.withUnsafeMutableBytes { read(socket, $0[have...].start, $0.count - have) }
            guard got > 0 else { throw BenchFailure("the echo child went away") }
            have += got
        }
        return bytes.withUnsafeBytes { buffer in
            (0..<count).map { buffer.loadUnaligned(fromByteOffset: $0 * BarePipeline.frameBytes + 16, as: Int64.self) }
        }
    }

    func end() {
        close(socket)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    /// The child's side: whole frames come in, the same go out.
    static func serve() -> Never {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var have = 0
        while true {
            let got = buffer.withUnsafeMutableBytes { read(3, $0[have...].start, $0.count - have) }
            guard got > 0 else { exit(0) }
            have += got
            let whole = have - have % BarePipeline.frameBytes
            let sent: Void? = try? buffer.withUnsafeBytes {
                try writeAll(3, UnsafeRawBufferPointer(rebasing: $0[..<whole]))
            }
            guard sent != nil else { exit(1) }
            buffer.replaceSubrange(0..<(have - whole), with: Array(buffer[whole..<have]))
            have -= whole
        }
    }
}

private func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws {
    var sent = 0
    while sent < bytes.count {
        let count = write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[sent...]).baseAddress, bytes.count - sent)
        guard count > 0 else { throw BenchFailure("a write to the echo child failed") }
        sent += count
    }
}

extension Slice<UnsafeMutableRawBufferPointer> {
    fileprivate var start: UnsafeMutableRawPointer? { UnsafeMutableRawBufferPointer(rebasing: self).baseAddress }
}
