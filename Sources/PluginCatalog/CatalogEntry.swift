import JobModel

/// A plugin that can be run.
struct GoodPlugin: Sendable {
    var file: StagedFile
    var descriptor: PluginDescriptor
    var version: SemanticVersion
    /// Of its components, in their order; nil where there is nothing to check.
    var schemas: [LazySchema]
    var arrivedAt: Instant
    /// Tells arrivals apart that the clock does not.
    var ticket: UInt64

    /// Throws when the descriptor cannot be used.
    init(file: StagedFile, descriptor: PluginDescriptor, arrivedAt: Instant, ticket: UInt64) throws(Rejection) {
        self.init(file: file, usable: try UsableDescriptor(descriptor), arrivedAt: arrivedAt, ticket: ticket)
    }

    init(file: StagedFile, usable: UsableDescriptor, arrivedAt: Instant, ticket: UInt64) {
        self.file = file
        descriptor = usable.descriptor
        version = usable.version
        schemas = usable.schemas
        self.arrivedAt = arrivedAt
        self.ticket = ticket
    }

    /// Whether this one is active when both have the same id.
    func isAhead(of other: GoodPlugin) -> Bool {
        if version != other.version { return version > other.version }
        return (arrivedAt, ticket) > (other.arrivedAt, other.ticket)
    }
}

/// A file name in the plugins folder: what its newest bytes are, and what it last held that was good.
struct CatalogEntry {
    enum Newest {
        /// The digest is empty until it is known.
        case checking(digest: String)
        case good
        case rejected(Rejection, digest: String)
    }

    private(set) var newest = Newest.checking(digest: "")
    /// Of the newest bytes, or while those are being checked or were rejected, of those before.
    private(set) var good: GoodPlugin?
    private(set) var ticket: UInt64 = 0
    private(set) var arrivedAt = Instant.distantPast
    /// Of the newest bytes.
    private(set) var stamp: FileStamp?
    /// What speaks against the newest bytes without keeping them from being used.
    private(set) var warning: Rejection?
    /// Why the newest bytes are still being checked, when that was put off.
    private(set) var delay: String?
    /// Probes of the newest bytes that came to nothing through no fault of theirs.
    private(set) var lostProbes = 0
    /// What the newest bytes say of themselves, where they say anything.
    private var manifest: PluginDescriptor?

    var isChecking: Bool {
        if case .checking = newest { true } else { false }
    }

    /// Of the staged copies it stands for.
    var digests: [String] {
        let newest =
            switch self.newest {
            case .checking(let digest), .rejected(_, let digest): digest
            case .good: ""
            }
        return [newest, good?.file.digest ?? ""].filter { !$0.isEmpty }
    }

    func isAwaitingProbe(of digest: String) -> Bool {
        if case .checking(digest) = newest { true } else { false }
    }

    /// One that is still being written has no stamp to be judged by again.
    mutating func begin(ticket: UInt64, stamp: FileStamp, isWhole: Bool) {
        arrivedAt = stamp.changedAt
        self.ticket = ticket
        self.stamp = isWhole ? stamp : nil
        newest = .checking(digest: "")
        (manifest, warning, delay, lostProbes) = (nil, nil, nil, 0)
    }

    /// The newest bytes are judged again.
    mutating func beginAgain(ticket: UInt64) {
        self.ticket = ticket
        newest = .checking(digest: "")
        delay = nil
    }

    mutating func note(_ manifest: PluginDescriptor?, _ warning: Rejection?) {
        self.manifest = manifest
        self.warning = warning
    }

    mutating func awaitProbe(of file: StagedFile) {
        newest = .checking(digest: file.digest)
        delay = nil
    }

    /// It is still to be probed, later; `why` is a sentence.
    mutating func delayProbe(_ why: String) {
        lostProbes += 1
        delay = why
    }

    /// What it held may not be used any more.
    mutating func revoke(_ rejection: Rejection, digest: String) {
        guard good?.file.digest == digest else { return }
        good = nil
        if case .good = newest { reject(rejection, digest: digest) }
    }

    mutating func reject(_ rejection: Rejection, digest: String) {
        newest = .rejected(rejection, digest: digest)
    }

    /// Its descriptor is known from before and was read already.
    mutating func accept(_ file: StagedFile, _ known: Result<UsableDescriptor, Rejection>) {
        switch known {
        case .failure(let rejection): reject(rejection, digest: file.digest)
        case .success(let usable):
            if let manifest, let difference = PluginManifest.difference(manifest, from: usable.descriptor) {
                return reject(difference, digest: file.digest)
            }
            good = GoodPlugin(file: file, usable: usable, arrivedAt: arrivedAt, ticket: ticket)
            newest = .good
        }
    }

    mutating func accept(_ file: StagedFile, _ descriptor: PluginDescriptor) {
        accept(file, Result { () throws(Rejection) in try UsableDescriptor(descriptor) })
    }
}

/// A descriptor whose version was read, and whose schemas can be.
struct UsableDescriptor: Sendable {
    let descriptor: PluginDescriptor
    let version: SemanticVersion
    let schemas: [LazySchema]

    init(_ descriptor: PluginDescriptor) throws(Rejection) {
        self.descriptor = descriptor
        version = try descriptor.usableVersion()
        schemas = try descriptor.usableSchemas().map { LazySchema($0) }
    }

    /// Its schemas were found usable before.
    init(known descriptor: PluginDescriptor) throws(Rejection) {
        self.descriptor = descriptor
        version = try descriptor.usableVersion()
        schemas = descriptor.components.map { LazySchema(known: $0) }
    }
}

extension PluginDescriptor {
    /// The version of a descriptor whose names can be used in job definitions.
    func usableVersion() throws(Rejection) -> SemanticVersion {
        guard Identifier.isID(id) else {
            throw .descriptor(what: "the id \"\(id)\" is not of the form [a-z][a-z0-9-]{0,62}")
        }
        guard let version = SemanticVersion(version) else {
            throw .descriptor(what: "the version \"\(version)\" is not of the form 1.2.3")
        }
        var seen: Set<String> = []
        for component in components {
            guard Identifier.isID(component.id) else {
                throw .descriptor(what: "the component id \"\(component.id)\" is not of the form [a-z][a-z0-9-]{0,62}")
            }
            guard seen.insert(component.id).inserted else {
                throw .descriptor(what: "it has two components \"\(component.id)\"")
            }
        }
        guard !components.isEmpty else { throw .descriptor(what: "it offers no component") }
        return version
    }

    /// The compiled schemas of its components. One that cannot be used would leave params unchecked.
    func usableSchemas() throws(Rejection) -> [ParamsSchema?] {
        var schemas: [ParamsSchema?] = []
        for component in components {
            do throws(SchemaFault) {
                schemas.append(try component.compiledSchema())
            } catch {
                throw .schema(component: component.id, fault: error)
            }
        }
        return schemas
    }
}
