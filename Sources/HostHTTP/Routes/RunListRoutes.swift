import Hummingbird
import JobEngine
import JobModel

/// GET /runs?filter=state:failed+tag:a&state=a,b&component=&job=&queue=&parent=&since=&before=&limit=: all of it must hold,
/// and what is said twice holds as the field says.
struct RunListRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/runs") { request, _ in
            var query = try request.query()
            let terms = try await engine.filter(query.string("filter") ?? "", now: SystemClock.now)
            let filter = try RunFilter(terms, &query)
            try query.finish()
            return Response(json: RunPageView(try await engine.runs(filter), limit: filter.limit).json)
        }
    }
}

extension RunFilter {
    init(_ terms: RunFilter, _ query: inout FieldReader) throws {
        self = terms
        let words = RunState.allCases.map(\.word).joined(separator: ", ")
        let states = try query.convert("state", "must be states out of \(words), with commas between") { value in
            let states = value.string?.split(separator: ",").map { RunState(word: $0) }
            return states.flatMap { $0.contains(nil) || $0.isEmpty ? nil : Set($0.compactMap(\.self)) }
        }
        self.states = states ?? self.states
        component = try query.component("component") ?? component
        job = try query.name("job") ?? job
        queue = try query.name("queue") ?? queue
        parent = try query.count("parent", in: 1...Int64.max) ?? parent
        since = try query.instant("since") ?? since
        before = try query.count("before", in: 1...Int64.max)
        limit = Int(try query.count("limit", in: 1...1000) ?? 50)
    }
}
