import Hummingbird
import JobEngine
import JobModel

/// POST /runs/cancel, /runs/retry, /runs/pause, /runs/resume: {"filter": "state:failed since:02:00", "dry_run": false,
/// "rate": "50/s", "reason": "…"}; {"all": true} instead of a filter. The rate is for retries.
struct BulkRoutes {
    let engine: JobEngine

    func add(to router: RouterGroup<BasicRequestContext>) {
        for deed in BulkDeed.allCases {
            router.post("/runs/\(deed.rawValue)") { request, _ in
                let wanted = try await BulkRequest(json: request.json(), deed) {
                    try await engine.filter($0, now: SystemClock.now)
                }
                let report = try await engine.bulk(
                    deed, wanted.filter, rate: wanted.rate, isDry: wanted.isDry, actor: request.actor,
                    reason: wanted.reason)
                return Response(json: BulkView(report, isDry: wanted.isDry).json)
            }
        }
    }
}

struct BulkRequest {
    var filter: RunFilter
    var rate: RateLimit?
    var isDry: Bool
    var reason: String?

    init(json: JSONValue, _ deed: BulkDeed, reading read: (String) async throws -> RunFilter) async throws {
        var fields = try FieldReader(json)
        filter = try await read(fields.string("filter") ?? "")
        let isForAll = try fields.bool("all") ?? false
        isDry = try fields.bool("dry_run") ?? false
        reason = try fields.string("reason")
        if deed == .retry {
            rate = try fields.convert("rate", "must be runs per time, such as \"50/s\" or \"100/m\"") {
                $0.string.flatMap(RateLimit.init(text:))
            }
        }
        try fields.finish()
        guard isForAll || filter != RunFilter() else { throw EngineError.noFilter }
    }
}
