import JobModel
import JobStore
import PluginCatalog

// Params are checked when a run is made, so that every run which is younger than its component's schema is complete by
// it. Those that are older, because the component was not there or had another schema then, are checked when a slot is
// free for them.
extension HotState {
    /// The request as the schema wants it which its component has now: it may have been checked by an older one.
    func judged(_ request: RunRequest, component: Int) -> Result<RunRequest, EngineError> {
        if let refusal = ungranted(component) { return .failure(.notGranted(refusal)) }
        guard let schema = components[component].schema, request.judgedBy !== schema,
            request.part?.hasOwnParams != true
        else { return .success(request) }
        do throws(ParamsRefusal) {
            var complete = request
            complete.params = try schema.complete(request.params)
            return .success(complete)
        } catch {
            return .failure(.paramsRefused(request.component, job: nil, error))
        }
    }

    /// What the component needs and is not granted. The component is not copied for it: it is asked for each run.
    func ungranted(_ component: Int) -> GrantRefusal? {
        guard components[component].asksForGrants else { return nil }
        return components[component].current.flatMap(surroundings.refusal)
    }

    /// Whether the params of a run that is about to start fit, and what it needs is granted; if not it fails for good.
    /// What a root stage gives to its children is no business of the schema.
    mutating func judge(_ run: HotRun, now: Instant) -> Bool {
        if let refusal = ungranted(run.component) {
            fail(run, "\(refusal)", now: now)
            return false
        }
        guard let schema = components[run.component].schema,
            isUnjudged(run.origin.value, schemaSince: components[run.component].schemaSince)
        else { return true }
        do throws(ParamsRefusal) {
            let params = try schema.complete(run.origin.value.params)
            guard params != run.origin.value.params else { return true }
            emit(.setParams(run.id, params, was: run.origin.value.params), .silent)
            runs[run.id]?.complete(params)
            return true
        } catch {
            fail(run, misfit(components[run.component].name, error), now: now)
            return false
        }
    }

    /// Nobody has looked yet whether its params fit the schema that the component has now.
    func isUnjudged(_ run: RunRecord, schemaSince: RunID) -> Bool {
        run.source == .step || run.id <= schemaSince && run.stage != .child
    }

    func misfit(_ component: ComponentName, _ refusal: ParamsRefusal) -> String {
        "its params do not fit \(component): \(refusal)"
    }

    private mutating func fail(_ run: HotRun, _ reason: String, now: Instant) {
        runs[run.id]?.phase = .closing
        emitClose(run, to: .failed, by: "host", reason: reason, now: now)
    }

    /// What is wrong with a job's params, where its component is there to say so.
    func paramsError(in job: JobDefinition) -> EngineError? {
        guard let name = ComponentName(job.component), let schema = catalog.components[name]?.schema else { return nil }
        do throws(ParamsRefusal) {
            _ = try schema.complete(Array(job.params.utf8))
            return nil
        } catch {
            return .paramsRefused(name, job: job.name, error)
        }
    }

    /// A job's params as a run of it gets them.
    func completeParams(of job: JobDefinition, _ component: ComponentName) -> [UInt8] {
        let params = Array(job.params.utf8)
        guard let schema = catalog.components[component]?.schema else { return params }
        return (try? schema.complete(params)) ?? params
    }
}
