package import JobModel
import PluginCatalog

extension JobEngine {
    /// One answer per request, in order. Throws when nothing at all could be stored.
    package func enqueue(_ requests: [RunRequest], actor: String) async throws(EngineError) -> [Acceptance] {
        let checked = await check(requests, actor: actor)
        let good = checked.compactMap { request in try? request.get() }
        guard !good.isEmpty else { return checked.map(refusal) }
        guard case .accepted(let results) = try await asked(.enqueue(good)) else { throw .stopping }
        var stored = results.makeIterator()
        var answers: [Acceptance] = []
        answers.reserveCapacity(checked.count)
        for request in checked {
            if case .success = request, let result = stored.next() {
                answers.append(try await acceptance(of: result))
            } else {
                answers.append(refusal(request))
            }
        }
        return answers
    }

    private func acceptance(of result: Accepted) async throws(EngineError) -> Acceptance {
        switch result {
        case .created(let record): .created(record)
        case .existing(let id): .existing(try await run(id))
        case .replaced(let record): .replaced(record)
        case .refused(let error): .refused(error)
        }
    }

    private func refusal(_ request: Result<RunRequest, EngineError>) -> Acceptance {
        switch request {
        case .success: .refused(.stopping)
        case .failure(let error): .refused(error)
        }
    }

    private func check(_ requests: [RunRequest], actor: String) async -> [Result<RunRequest, EngineError>] {
        let snapshot = await catalog(with: requests)
        return requests.map { request in
            // The hot state may not have heard of the plugin yet.
            if let component = snapshot.components[request.component],
                let refusal = thread.surroundings.refusal(component)
            {
                return .failure(.notGranted(refusal))
            }
            var asked = request
            asked.actor = asked.dispatch?.actor ?? actor
            return Self.check(asked, snapshot)
        }
    }

    /// A host that has just started may still be looking at a plugin: what it does not know yet, it may know in a moment.
    /// The wait ends, since every look at a plugin has a deadline.
    private func catalog(with requests: [RunRequest]) async -> CatalogSnapshot {
        let now = plugins.snapshot
        if now.isComplete || requests.allSatisfy({ now.components[$0.component] != nil }) { return now }
        await plugins.firstScan()
        return plugins.snapshot
    }

    /// The request with what its component declares filled in.
    static func check(_ request: RunRequest, _ catalog: CatalogSnapshot) -> Result<RunRequest, EngineError> {
        guard let component = catalog.components[request.component] else {
            let known = catalog.components.keys.map(\.description).sorted()
            return .failure(.componentNotFound(request.component, known: known))
        }
        guard request.params.looksLikeObject else {
            let start = String(decoding: request.params.prefix(100), as: UTF8.self)
            return .failure(.invalid(field: "params", value: start, reason: "params are a JSON object"))
        }
        let most = component.descriptor.maxInputBytes
        guard most == 0 || request.params.count <= most else {
            let reason = "are \(request.params.count) bytes; \(request.component) takes at most \(most) bytes"
            return .failure(.invalid(field: "params", value: "\(request.params.count) bytes", reason: reason))
        }
        if let complaint = request.dispatchComplaint { return .failure(complaint) }
        if let complaint = request.policy.complaint ?? Priority.complaint(request.priority) {
            return .failure(.invalid(field: complaint.field, value: complaint.value, reason: complaint.reason))
        }
        var resolved = request
        resolved.policy = request.policy.resolved(for: component.descriptor, hasOwnTimeout: request.hasOwnTimeout)
        guard let schema = component.schema, request.part?.hasOwnParams != true else { return .success(resolved) }
        do throws(ParamsRefusal) {
            resolved.params = try schema.complete(request.params)
            resolved.judgedBy = schema
            return .success(resolved)
        } catch {
            return .failure(.paramsRefused(request.component, job: nil, error))
        }
    }
}
