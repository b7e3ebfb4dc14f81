import Foundation
import TestSupport

/// A real engine for containers: podman's service on a socket of its own, with one image that holds one program.
struct ContainerEngine: Sendable {
    static let image = "localhost/berth-test:1"
    /// Of the machine: starts a container and sees it end. False where there is no engine, or none that may do that here.
    static let isThere = Task { (try? await with { engine in try await engine.works() }) ?? false }

    let socket: String
    private let folder: URL
    private let runtime: String

    /// While the body runs. What its containers left goes with it.
    static func with<Value: Sendable>(_ body: @Sendable (ContainerEngine) async throws -> Value) async throws -> Value {
        // podman takes no paths of more than 50 characters for what it keeps while containers run.
        let folder = URL(fileURLWithPath: "/tmp/berth-engine-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let engine = ContainerEngine(
            socket: folder.appendingPathComponent("engine.sock").path, folder: folder, runtime: try await runtime())
        try await engine.furnish()
        let service = try engine.serve()
        let result: Result<Value, any Error>
        do { result = .success(try await body(engine)) } catch { result = .failure(error) }
        _ = try? await engine.podman("rm", "--all", "--force", "--time", "0")
        service.terminate()
        try await eventually("the service to end") { service.isRunning ? nil : true }
        return try result.get()
    }

    private static func runtime() async throws -> String {
        for name in ["runc", "crun"] where try await Shell.run("which", name).status == 0 { return name }
        throw NoEngine()
    }

    private struct NoEngine: Error {}

    private func works() async throws -> Bool {
        try await podman("run", "--rm", "--network", "none", Self.image, "print", "hello").output == "hello\n"
    }

    /// Names of the containers that there are.
    func containers() async throws -> [String] {
        try await podman("ps", "--all", "--format", "{{.Names}}").output.split(separator: "\n").map(String.init)
    }

    // MARK: Making it

    /// Asks for no more than a container has to have: machines differ in what root may set.
    private var configuration: String {
        """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        log_driver = "k8s-file"
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        runtime = "\(runtime)"
        """
    }

    private func furnish() async throws {
        try Data(configuration.utf8).write(to: folder.appendingPathComponent("containers.conf"))
        let root = folder.appendingPathComponent("image")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        let source = Checkout.root.appendingPathComponent("Tests/Fixtures/containee.c").path
        try await Self.done("cc", "-static", "-O1", "-o", "\(root.path)/containee", source)
        let archive = folder.appendingPathComponent("image.tar").path
        try await Self.done("tar", "-C", root.path, "-cf", archive, ".")
        _ = try await podman("import", "--change", "ENTRYPOINT [\"/containee\"]", archive, Self.image)
    }

    private static func done(_ words: String...) async throws {
        guard try await Shell.run(words).status == 0 else { throw NoEngine() }
    }

    private func words(_ more: [String]) -> [String] {
        [
            "env", "CONTAINERS_CONF=\(folder.path)/containers.conf", "podman", "--root", "\(folder.path)/store",
            "--runroot", "\(folder.path)/run", "--storage-driver", "vfs",
        ] + more
    }

    @discardableResult
    private func podman(_ words: String...) async throws -> Finished {
        let finished = try await Shell.run(self.words(words))
        guard finished.status == 0 else { throw NoEngine() }
        return finished
    }

    private func serve() throws -> Process {
        let service = Process()
        service.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        service.arguments = words(["system", "service", "--time", "0", "unix://\(socket)"])
        service.standardOutput = FileHandle.nullDevice
        service.standardError = FileHandle.nullDevice
        try service.run()
        return service
    }
}
