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
            guard case .success = request, let result = stored.next() else {
                answers.append(refusal(request))
                continue
            }
            // Here, and not in a function of its own: to wait for a thousand answers that are there takes long.
            switch result {
            case .created(let record): answers.append(.created(record.value))
            case .existing(let id): answers.append(.existing(try await run(id)))
            case .replaced(let record): answers.append(.replaced(record))
            case .refused(let error): answers.append(.refused(error))
            }
        }
        return answers
    }

    private func refusal(_ request: Result<RunRequest, EngineError>) -> Acceptance {
        switch request {
        case .success: .refused(.stopping)
        case .failure(let error): .refused(error)
        }
    }

    private func check(_ requests: [RunRequest], actor: String) async -> [Result<RunRequest, EngineError>] {
        let snapshot = await catalog(with: requests)
        return requests.map { check($0, snapshot, actor: actor) }
    }

    private func check(
        _ request: RunRequest, _ snapshot: CatalogSnapshot, actor: String
    ) -> Result<RunRequest, EngineError> {
        if let component = snapshot.components[request.component], component.descriptor.flags.asksForGrants,
            let refusal = thread.surroundings.refusal(component)
        {
            return .failure(.notGranted(refusal))
        }
        var asked = request
        asked.actor = request.dispatch?.actor ?? actor
        return Self.check(asked, snapshot)
    }

    /// A host may still be looking at a plugin, or be about to take it up: what it does not know yet, it may know in a
    /// moment. The wait ends, since every look at a plugin has a deadline.
    private func catalog(with requests: [RunRequest]) async -> CatalogSnapshot {
        let now = await catalog
        if requests.allSatisfy({ now.components[$0.component] != nil }) { return now }
        await takeUpPlugins()
        return await catalog
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
        let policy = request.policy.resolved(for: component.descriptor, hasOwnTimeout: request.hasOwnTimeout)
        if policy != request.policy { resolved.policy = policy }
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
