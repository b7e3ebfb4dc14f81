import Foundation
import GuestPool
import JobModel
import Logging
import PluginCatalog

/// Makes all checks of one file, two at a time. Nothing of the plugin runs in this process.
package struct PluginExam: Sendable {
    let request: CheckRequest
    /// A copy of the file: what is built again meanwhile is not what is checked.
    let library: String
    let folder: URL
    let prober: Prober
    let pool: GuestPool
    let ends = AttemptEnds()

    /// Reads the file, makes every check, and leaves nothing behind.
    package static func run(
        _ request: CheckRequest, checks: [Check] = Check.allCases,
        told: @escaping @Sendable (CheckResult) -> Void = { _ in }
    ) async throws(CheckError) -> CheckReport {
        try await with(request) { (exam) async throws(CheckError) in try await exam.report(checks, told) }
    }

    static func with<Value>(
        _ request: CheckRequest, _ body: (PluginExam) async throws(CheckError) -> Value
    ) async throws(CheckError) -> Value {
        let folder = try makeFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let exam = try PluginExam(request, folder)
        let outcome: Result<Value, CheckError>
        do throws(CheckError) {
            outcome = .success(try await body(exam))
        } catch {
            outcome = .failure(error)
        }
        await exam.pool.stop()
        return try outcome.get()
    }

    /// What a machine could not give says nothing about the plugin.
    private static func verdict(_ failure: ProbeFailure) -> CheckResult.Verdict {
        failure.isCircumstance ? .notRun(failure.message) : .failed(failure.message)
    }

    private static func makeFolder() throws(CheckError) -> URL {
        let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("berth-check-\(UUID().uuidString.prefix(8))")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .system("\(folder.path) cannot be made; set TMPDIR to a folder that can be written")
        }
        return folder
    }

    private init(_ request: CheckRequest, _ folder: URL) throws(CheckError) {
        self.request = request
        self.folder = folder
        library = folder.appendingPathComponent("plugin.so").path
        do {
            try FileManager.default.copyItem(atPath: request.file, toPath: library)
        } catch {
            throw .noSuchFile(request.file)
        }
        prober = Prober(program: request.checkProgram, folder: folder.path)
        var logger = Logger(label: "berth.check")
        logger.logLevel = .critical
        do {
            pool = try GuestPool(
                configuration: .init(
                    program: request.guestProgram, scratch: folder.appendingPathComponent("guests").path,
                    marker: folder.lastPathComponent), logger: logger)
        } catch {
            throw .system("the guest program \(request.guestProgram) cannot be used")
        }
        let answers = ExamAnswers()
        pool.deliver { [ends, weak pool] events in
            pool?.submit(answers.answers(to: events))
            ends.take(events)
        }
    }

    // MARK: In order

    private func report(
        _ checks: [Check], _ told: @escaping @Sendable (CheckResult) -> Void
    ) async throws(CheckError) -> CheckReport {
        let file = FileChecks(path: library)
        var results: [CheckResult] = []
        for check in FileChecks.checks where checks.contains(check) {
            let start = ContinuousClock.now
            if let verdict = file.verdict(check) { results.append(result(check, verdict, since: start)) }
        }
        results.forEach(told)
        let rest = checks.filter { !FileChecks.checks.contains($0) }
        let ground: Ground
        switch await lay(file) {
        case .success(let laid): ground = laid
        case .failure(let obstacle): return report(results + obstacle.results(rest, told), nil)
        }
        let live = LiveChecks(exam: self, descriptor: ground.descriptor, targets: try targets(ground.descriptor))
        results += await live.make(rest, known: ground.results, told)
        return report(results, ground.descriptor)
    }

    private func report(_ results: [CheckResult], _ descriptor: PluginDescriptor?) -> CheckReport {
        let order = Dictionary(uniqueKeysWithValues: Check.allCases.enumerated().map { ($1, $0) })
        return CheckReport(
            file: request.file, plugin: descriptor?.id, version: descriptor?.version, profile: request.profile,
            seed: request.seed, results: results.sorted { (order[$0.check] ?? 0) < (order[$1.check] ?? 0) })
    }

    private func result(
        _ check: Check, _ verdict: CheckResult.Verdict, since start: ContinuousClock.Instant
    ) -> CheckResult {
        CheckResult(check: check, verdict: verdict, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    // MARK: What all live checks stand on

    struct Ground: Sendable {
        var descriptor: PluginDescriptor
        var results: [CheckResult]
    }

    /// Why nothing of the plugin can run: the checks that say so, and what the others are told.
    struct Obstacle: Error {
        var found: [CheckResult] = []
        var words: String

        func results(_ checks: [Check], _ told: (CheckResult) -> Void) -> [CheckResult] {
            checks.map { check in
                let result = found.first { $0.check == check } ?? CheckResult(check: check, verdict: .notRun(words))
                told(result)
                return result
            }
        }
    }

    /// Loads it once in berth-check and in real guests: first with everything allowed, if somebody vouches for it, then as a
    /// plugin is. Nobody knows yet what its components declare, and a file can claim anything.
    func lay(_ file: FileChecks) async -> Result<Ground, Obstacle> {
        if let obstacle = file.obstacle {
            return .failure(Obstacle(words: "no host would load the file: \(obstacle)"))
        }
        if let runtime = file.sanitizer { return .failure(await sanitized(runtime)) }
        let load = await timed(.loadNow) {
            LiveChecks.verdict(
                await probe(Check.loadNow.name, targets: [], grants: loadGrants) { $0.readable = readable })
        }
        if load.hasFailed { return .failure(Obstacle(found: [load], words: "it does not load")) }
        var descriptor: PluginDescriptor?
        let described = await timed(.descriptorValid) {
            let result = await pool.probe(
                spec(.standard, grants: loadGrants, access: FileAccess(read: readable)), deadline: .seconds(10))
            switch result {
            case .failed(let failure): return Self.verdict(failure)
            case .loaded(let found, _):
                descriptor = found
                guard SemanticVersion(found.version) == nil else { return .passed("") }
                return .failed("the version \"\(found.version)\" is not of the form 1.2.3")
            }
        }
        guard let descriptor else {
            return .failure(
                Obstacle(
                    found: [load, described],
                    words: described.hasFailed ? "its descriptor cannot be used" : "no guest could be had"))
        }
        let sandboxed = await timed(.loadSandboxed) {
            guard case .failed(let failure) = await pool.probe(spec(.strict), deadline: .seconds(10)) else {
                return .passed("")
            }
            return Self.verdict(failure)
        }
        let results = [load, described, sandboxed]
        if sandboxed.hasFailed {
            return .failure(Obstacle(found: results, words: "it does not load in the sandbox"))
        }
        return .success(Ground(descriptor: descriptor, results: results))
    }

    private var loadGrants: Grants { request.isTrusted ? [.network, .subprocess] : [] }
    private var readable: [String] { request.isTrusted ? ["/"] : [] }

    private func timed(_ check: Check, _ body: () async -> CheckResult.Verdict) async -> CheckResult {
        let start = ContinuousClock.now
        return result(check, await body(), since: start)
    }

    /// A sanitizer build is looked at for what its sanitizer says, and for nothing else. The search for leaks is made by a
    /// process of its own.
    private func sanitized(_ runtime: String) async -> Obstacle {
        let found = await timed(.sanitizer) {
            LiveChecks.verdict(
                await probe(Check.fuzz.name, targets: [], grants: .subprocess) { $0.sanitizer = runtime })
        }
        return Obstacle(found: [found], words: "a sanitizer build; check the plain one too")
    }

    /// The descriptor, and the components asked for; for whoever needs a plugin that loads.
    func ready() async throws(CheckError) -> (PluginDescriptor, [ProbeTarget]) {
        switch await lay(FileChecks(path: library)) {
        case .success(let ground): return (ground.descriptor, try targets(ground.descriptor))
        case .failure(let obstacle): throw .unusable(obstacle.found.last?.text ?? obstacle.words)
        }
    }

    func spec(_ sandbox: SandboxRules, grants: Grants = [], access: FileAccess = FileAccess()) -> GuestSpec {
        GuestSpec(
            library: library, digest: "checked", configuration: request.configuration, sandbox: sandbox, grants: grants,
            access: access)
    }

    /// A component's params, for each component that was asked for.
    private func targets(_ descriptor: PluginDescriptor) throws(CheckError) -> [ProbeTarget] {
        let known = descriptor.components.map(\.id)
        if let unknown = request.components.first(where: { !known.contains($0) }) {
            throw .noSuchComponent(unknown, known: known)
        }
        return descriptor.components.filter { request.components.isEmpty || request.components.contains($0.id) }
            .map { ProbeTarget(id: $0.id, params: SampleParams(schema: $0.paramsSchema, given: request.params)) }
    }

    /// One process of berth-check.
    func probe(
        _ check: String, targets: [ProbeTarget], grants: Grants = [], _ change: (inout ProbeOrder) -> Void = { _ in }
    ) async -> Prober.End {
        var order = ProbeOrder(
            check: check, library: library, configuration: request.configuration, seed: request.seed,
            isFull: request.profile == .full, grants: grants.rawValue, targets: targets)
        change(&order)
        return await prober.run(order, deadline: request.profile == .full ? .seconds(60) : .seconds(10))
    }
}
