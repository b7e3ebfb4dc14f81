package import JobModel

/// Everything that decides what a guest is: one plugin digest and one sandbox. Guests with equal specs are
/// interchangeable; nothing of it can change while a guest lives, because a sandbox only tightens.
package struct GuestSpec: Hashable, Sendable {
    /// Absolute path of the staged library, which contains its digest.
    package var library: String
    /// SHA-256 in hex.
    package var digest: String
    /// Module configuration handed to the plugin's `start`, JSON.
    package var configuration: String
    package var sandbox: SandboxRules
    package var grants: Grants
    package var access: FileAccess
    package var limits: GuestLimits
    /// For the plugin's eyes.
    package var secrets: [GuestSecret]
    package var keeping: GuestKeeping

    package init(
        library: String, digest: String, configuration: String = "{}", sandbox: SandboxRules = .standard,
        grants: Grants = [], access: FileAccess = FileAccess(), limits: GuestLimits = GuestLimits(),
        secrets: [GuestSecret] = [], keeping: GuestKeeping = GuestKeeping()
    ) {
        self.library = library
        self.digest = digest
        self.configuration = configuration
        self.sandbox = sandbox
        self.grants = grants
        self.access = access
        self.limits = limits
        self.secrets = secrets
        self.keeping = keeping
    }
}

extension GuestSpec {
    /// Empty when the library's path has none.
    var libraryFolder: String { library.lastIndex(of: "/").map { String(library[..<$0]) } ?? "" }

    /// Programs that a plugin starts are in a process namespace in any case, so that none outlives its guest.
    var namespaces: Namespaces {
        var namespaces: Namespaces = []
        if sandbox.features.contains(.privateUsers) { namespaces.insert(.users) }
        if sandbox.features.contains(.privateNetwork), !grants.contains(.network) { namespaces.insert(.network) }
        if sandbox.features.contains(.privateProcesses) || grants.contains(.subprocess) {
            namespaces.insert(.processes)
        }
        return namespaces
    }

    /// All that a guest of this spec should say it has in force.
    var wanted: SandboxFeatures {
        var wanted = sandbox.features
        if wanted.contains(.files) {
            wanted.insert(.signalScope)
            if !grants.contains(.network) { wanted.insert(.networkRules) }
        }
        if grants.contains(.network) { wanted.remove(.privateNetwork) }
        if grants.contains(.subprocess), sandbox.profile != .none { wanted.insert(.privateProcesses) }
        return wanted
    }

    /// The same plugin without sandbox, limits, and a process namespace of its own: what a debugger can look into.
    var unrestricted: GuestSpec {
        var spec = self
        spec.sandbox = .none
        spec.limits = GuestLimits(memoryBytes: 0, fileBytes: 0, scratchBytes: 0, openFiles: 0, processes: 0)
        spec.grants.remove(.subprocess)
        return spec
    }
}

/// What goes beyond computing and the files of `FileAccess`.
package struct Grants: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let network = Grants(rawValue: 1)
    package static let subprocess = Grants(rawValue: 2)
}

/// Limits of a whole guest. Zero leaves one as it is.
package struct GuestLimits: Hashable, Sendable {
    /// Memory of its own that it has touched; the host looks, and ends it.
    package var memoryBytes: UInt64
    package var fileBytes: UInt64
    /// Bytes that lie in its folder; the host looks, and ends it.
    package var scratchBytes: UInt64
    package var openFiles: UInt32
    /// Threads of its process and of those below it; the host counts, and ends it.
    package var processes: UInt32

    package init(
        memoryBytes: UInt64 = 2 << 30, fileBytes: UInt64 = 1 << 30, scratchBytes: UInt64 = 4 << 30,
        openFiles: UInt32 = 256, processes: UInt32 = 0
    ) {
        self.memoryBytes = memoryBytes
        self.fileBytes = fileBytes
        self.scratchBytes = scratchBytes
        self.openFiles = openFiles
        self.processes = processes
    }
}

extension GuestLimits {
    /// Where the kernel refuses memory (RLIMIT_DATA): so high that a busy host sees first that the limit is passed, and
    /// that there is room for the stacks of the guest's threads.
    var refusedMemoryBytes: UInt64 {
        guard memoryBytes > 0 else { return 0 }
        guard memoryBytes < 1 << 60 else { return 0 }
        return memoryBytes * 2 + (256 << 20)
    }
}

/// A spec that was made known to the pool; cheap to pass and compare.
package struct GuestSpecID: Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}
