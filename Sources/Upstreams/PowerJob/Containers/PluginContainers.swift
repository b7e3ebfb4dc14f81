import Foundation
import JobEngine
import JobModel
import Logging

/// Plugin files that servers deploy, where the operator allows that. A file is put into the plugins folder and goes the way of
/// every file there: staging, policy and probe judge it, and what they refuse runs nothing.
actor PluginContainers {
    /// For the catalog to say what it thinks of a new file.
    private static let patience = Duration.seconds(30)

    private let parts: PowerJobParts
    private let folder: ContainerFolder
    private let largest: Int
    private let orders: AsyncStream<(String, JSONValue)>.Continuation
    private let coming: AsyncStream<(String, JSONValue)>
    /// Nil until the folder was looked at.
    private var known: [Int64: ContainerFolder.File]?
    private var last: Task<Void, Never>?

    /// `largest`: a file of more bytes is not taken.
    init(parts: PowerJobParts, largest: Int = 128 << 20) {
        self.parts = parts
        self.largest = largest
        (coming, orders) = AsyncStream.makeStream(of: (String, JSONValue).self, bufferingPolicy: .bufferingOldest(100))
        folder = ContainerFolder(folder: parts.folder, upstream: parts.name)
    }

    // MARK: Orders of the server

    /// What the server tells is carried out by `run`; more than it would ever tell at once is dropped.
    nonisolated func accept(_ path: String, _ message: JSONValue) {
        orders.yield((path, message))
    }

    /// Carries out orders until it is cancelled.
    func run() async {
        for await (path, message) in coming {
            await oneAtATime { [self] in
                do throws(ContainerFault) {
                    if path.hasSuffix("deployContainer") {
                        try await deploy(message)
                    } else {
                        try await destroy(message)
                    }
                } catch {
                    parts.logger.warning(
                        "an order about a container is not carried out",
                        metadata: ["order": "\(message.text.excerpt)", "reason": "\(error)"])
                }
            }
        }
    }

    private func deploy(_ message: JSONValue) async throws(ContainerFault) {
        guard let order = ContainerOrder(json: message) else { throw .unreadable(message.text) }
        try await deploy(order)
    }

    private func destroy(_ message: JSONValue) async throws(ContainerFault) {
        guard let id = message["containerId"]?.looseInteger else { throw .unreadable(message.text) }
        guard parts.settings.deploys else { throw .forbidden }
        _ = await files()
        known?[id] = nil
        guard await folder.remove(id) else { throw .missing(id) }
        parts.logger.notice("a container was destroyed", metadata: ["container": "\(id)"])
    }

    /// Two orders for one container must not meet.
    private func oneAtATime(_ work: @escaping @Sendable () async -> Void) async {
        let task = Task { [last] in
            await last?.value
            await work()
        }
        last = task
        await task.value
    }

    // MARK: Deploying

    private func deploy(_ order: ContainerOrder) async throws(ContainerFault) {
        guard parts.settings.deploys else { throw .forbidden }
        guard await files()[order.id]?.version != order.version else { return }
        guard order.source(among: await servers()) != nil else { throw .elsewhere(order.url) }
        let bytes: [UInt8]
        do throws(CallFault) {
            bytes = try await parts.calls.download(order.url, most: largest)
        } catch {
            throw .notFetched(error)
        }
        let version = ContainerFolder.md5(bytes)
        guard version == order.version else { throw .otherBytes(wanted: order.version, found: version) }
        do {
            try await folder.write(bytes, of: order.id)
        } catch {
            throw .notWritten("\(error)")
        }
        known?[order.id] = ContainerFolder.File(version: version, deployedAt: Date())
        try await judged(order.id, digest: ContainerFolder.digest(bytes))
        parts.logger.notice(
            "a container was deployed",
            metadata: ["container": "\(order.id)", "name": "\(order.name)", "version": "\(version)"])
    }

    /// From which files may come: the web addresses the operator named, and the machine of the server in charge at the same ports.
    private func servers() async -> [HostPort] {
        let named = parts.settings.servers
        guard let current = await parts.discovery.server else { return named }
        return named + Set(named.map(\.port)).map { HostPort(host: current.host, port: $0) }
    }

    private func files() async -> [Int64: ContainerFolder.File] {
        if let known { return known }
        let found = await folder.files()
        known = known ?? found
        return known ?? found
    }

    // MARK: What the catalog says

    private func record(of id: Int64) async -> PluginRecord? {
        let path = folder.path(of: id)
        return await parts.engine.catalog.plugins.first { $0.path == path }
    }

    /// Waits until the file with these bytes was looked at. Throws what speaks against it.
    private func judged(_ id: Int64, digest: String) async throws(ContainerFault) {
        let changes = parts.engine.announcements { if case .pluginsChanged = $0 { true } else { false } }
        let record = await withTaskGroup(of: PluginRecord?.self) { group in
            group.addTask {
                if let record = await self.verdict(id, digest) { return record }
                for await _ in changes {
                    if let record = await self.verdict(id, digest) { return record }
                }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let record else { throw .notJudged }
        guard record.state == .active else { throw .refused(record.reason ?? "it is \(record.state.rawValue)") }
    }

    private func verdict(_ id: Int64, _ digest: String) async -> PluginRecord? {
        // What was refused unread has no digest.
        guard let record = await record(of: id), record.state != .checking,
            record.digest == digest || (record.digest.isEmpty && record.state == .rejected)
        else { return nil }
        return record
    }

    // MARK: For the rest of the upstream

    /// As heartbeats tell the server: those whose plugins can be run.
    func infos() async -> [JSONValue] {
        guard parts.settings.deploys else { return [] }
        let active = Set(await parts.engine.catalog.plugins.filter { $0.state == .active }.map(\.path))
        return await files().sorted { $0.key < $1.key }.compactMap { id, file in
            guard active.contains(folder.path(of: id)) else { return nil }
            return [
                "containerId": .number(id), "version": .string(file.version),
                "deployedTime": .number(Int64(file.deployedAt.timeIntervalSince1970 * 1000)),
                "workerAddress": .string(parts.address.description),
            ]
        }
    }

    /// The component that `<containerId>#<component>` names. A container that is not here is asked for at the server.
    func component(of processor: String) async throws(ContainerFault) -> ComponentName {
        let words = processor.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let id = Int64(words[0]) else { throw .unreadable(processor) }
        guard parts.settings.deploys else { throw .forbidden }
        // What is being deployed, or looked at for the first time, is waited for.
        await last?.value
        _ = await parts.engine.components()
        if await files()[id] == nil { try await fetch(id) }
        guard let record = await record(of: id) else { throw .missing(id) }
        guard record.state == .active, let plugin = record.descriptor else {
            throw .refused(record.reason ?? "it is \(record.state.rawValue)")
        }
        guard plugin.components.contains(where: { $0.id == words[1] }),
            let name = ComponentName(plugin: plugin.id, component: String(words[1]))
        else { throw .noComponent(String(words[1]), there: plugin.components.map(\.id)) }
        return name
    }

    private func fetch(_ id: Int64) async throws(ContainerFault) {
        guard let server = await parts.discovery.server else { throw .notFetched(.nowhere) }
        let order: ContainerOrder?
        do throws(CallFault) {
            let data = try await parts.calls.ask(server, "/server/queryContainer", ["containerId": .number(id)])
            order = data.flatMap { try? JSONParser.parse($0) }.flatMap { ContainerOrder(json: $0) }
        } catch {
            throw .notFetched(error)
        }
        guard let order, order.id == id else { throw .missing(id) }
        let result = Outcome()
        await oneAtATime { [self] in
            do throws(ContainerFault) { try await deploy(order) } catch { await result.set(error) }
        }
        if let fault = await result.fault { throw fault }
    }

    /// Why a deployment failed, for who waited for it.
    private actor Outcome {
        private(set) var fault: ContainerFault?

        func set(_ fault: ContainerFault) { self.fault = fault }
    }
}

/// Why a container cannot be used.
enum ContainerFault: Error, Hashable, Sendable, CustomStringConvertible {
    case forbidden
    case unreadable(String)
    case missing(Int64)
    case elsewhere(String)
    case notFetched(CallFault)
    case otherBytes(wanted: String, found: String)
    case notWritten(String)
    case notJudged
    case refused(String)
    case noComponent(String, there: [String])

    var description: String {
        switch self {
        case .forbidden:
            "servers may not deploy containers here; `deploy: true` in the settings of the upstream allows it"
        case .unreadable(let text):
            "\(text.excerpt) is not understood; a processor is the number of a container, #, and the id of a component"
        case .missing(let id): "there is no container \(id)"
        case .elsewhere(let url):
            "its file would come from \(url.excerpt), which is none of the servers of the upstream"
        case .notFetched(let fault): "its file cannot be fetched: \(fault)"
        case .otherBytes(let wanted, let found): "its file has the MD5 \(found), and \(wanted) was promised"
        case .notWritten(let reason): "its file cannot be written into the plugins folder: \(reason)"
        case .notJudged: "nobody has looked at its file for 30 seconds"
        case .refused(let reason): "its plugin cannot be run: \(reason)"
        case .noComponent(let name, let there):
            "its plugin has no component \"\(name.excerpt)\"; it has \(there.joined(separator: ", "))"
        }
    }
}
