package import JobModel
import PluginCatalog

extension JobEngine {
    /// A pending run is held until somebody resumes it, and then goes on at its old place. One that is paused already
    /// stays so.
    package func pause(_ id: RunID, actor: String, reason: String?) async throws(EngineError) -> RunRecord {
        let by = By(actor: actor, reason: reason)
        let wanted = "pending, and waiting for no other run"
        switch try await asked(.pause(id, by)) {
        case .notHot:
            let record = try await run(id)
            if record.state == .held { return record }
            guard record.state == .pending, record.openChildren == 0 else {
                throw .wrongState(id, record.state, wanted: wanted)
            }
            return try await settled(id, try await asked(.pauseUnseen(record, by)), wanted: wanted)
        case let reply: return try await settled(id, reply, wanted: wanted)
        }
    }

    /// Lets a paused run go on. One that is pending already stays so; one that is held for another reason goes on by
    /// `retry` or `resolve`.
    package func resume(_ id: RunID, actor: String, reason: String?) async throws(EngineError) -> RunRecord {
        let record = try await run(id)
        if record.state == .pending { return record }
        let wanted = "paused; one that is held for its effect goes on with retry or resolve"
        guard record.state == .held else { throw .wrongState(id, record.state, wanted: wanted) }
        let reply = try await asked(.resume(record, By(actor: actor, reason: reason)))
        return try await settled(id, reply, wanted: wanted)
    }

    /// Ends a held run as somebody says who knows what it did.
    package func resolve(
        _ id: RunID, as state: RunState, actor: String, reason: String?
    ) async throws(EngineError) -> RunRecord {
        guard RunMove.resolve.to.contains(state) else {
            throw .invalid(field: "as", value: state.word, reason: "must be succeeded, failed or cancelled")
        }
        let record = try await run(id, for: .resolve)
        let reply = try await asked(.resolve(record, as: state, By(actor: actor, reason: reason)))
        return try await settled(id, reply, wanted: RunMove.resolve.fromWords)
    }

    /// Changes params, checked against the component where it is there, or policy of a run that is neither running nor has
    /// succeeded, or when a pending one is due.
    package func edit(_ id: RunID, _ edit: RunEdit, actor: String) async throws(EngineError) -> RunRecord {
        let record = try await run(id)
        let wanted = edit.due == nil ? "neither running nor succeeded" : "pending"
        guard edit.states.contains(record.state) else { throw .wrongState(id, record.state, wanted: wanted) }
        if let complaint = edit.policy?.complaint {
            throw .invalid(field: complaint.field, value: complaint.value, reason: complaint.reason)
        }
        var complete = edit
        if let params = edit.params, let schema = await catalog.components[record.component]?.schema {
            do throws(ParamsRefusal) {
                complete.params = try schema.complete(params)
            } catch {
                throw .paramsRefused(record.component, job: nil, error)
            }
        }
        let reply = try await asked(.edit(id, complete, By(actor: actor)))
        return try await settled(id, reply, wanted: wanted)
    }
}
