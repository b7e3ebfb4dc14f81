import CLinux
import Glibc

/// How one of our small programs is started: nothing of the host reaches it but what stands here.
package struct Spawn {
    /// The program, opened.
    package var program: Int32
    /// Its own name for itself.
    package var name: String
    /// They become its descriptors 0, 1, 2 and on.
    package var descriptors: [Int32]
    /// The folder it works in, opened.
    package var folder: Int32
    package var environment: [String]
    /// Its limit of file locks and that of all it starts, which no kernel holds them to; 0: the caller's.
    package var fileLocks: UInt64 = 0

    package init(program: Int32, name: String, descriptors: [Int32], folder: Int32, environment: [String]) {
        self.program = program
        self.name = name
        self.descriptors = descriptors
        self.folder = folder
        self.environment = environment
    }

    /// In new namespaces of these kinds: in one of its processes what it starts dies with it. A `pid` under zero is the
    /// system's error. The caller owns `pidfd`.
    /// Our programs ask to die with the thread that called this.
    package func start(in namespaces: Namespaces) -> (pid: Int32, pidfd: Int32) {
        var request = berth_spawn_request()
        request.program = program
        request.folder = folder
        request.descriptor_count = Int32(descriptors.count)
        request.namespaces = namespaces.rawValue
        request.file_locks = fileLocks
        var pidfd: Int32 = -1
        let pid = withTexts([name]) { arguments in
            withTexts(environment) { variables in
                descriptors.withUnsafeBufferPointer { places in
                    request.descriptors = places.baseAddress
                    request.arguments = arguments
                    request.environment = variables
                    return berth_spawn(&request, &pidfd)
                }
            }
        }
        return (pid, pidfd)
    }

    /// The texts as a NULL-terminated list of C strings.
    private func withTexts<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

/// What a process has for itself alone.
package struct Namespaces: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let processes = Namespaces(rawValue: BERTH_NEW_PROCESSES)
    package static let network = Namespaces(rawValue: BERTH_NEW_NETWORK)
    /// Without privileges of its own it is this one that allows the others.
    package static let users = Namespaces(rawValue: BERTH_NEW_USERS)
}
