import Hummingbird
import JobEngine
import JobModel

/// Many requests at once. A bad one is answered with its problem and does not keep the others from being stored.
struct RunBatch {
    private var requests: [RunRequest] = []
    private var entries: [Entry] = []

    private struct Entry {
        /// Of a body of lines, counted from 1.
        var line: Int?
        /// Nil for one that goes to the engine, in order; else why it does not.
        var refusal: Problem?
    }

    init(_ values: [JSONValue], now: Instant) {
        for value in values {
            add(line: nil) { () throws(Problem) in try Self.request(value, now) }
        }
    }

    /// A JSON object per line; empty lines do not count.
    init(ndjson body: some Collection<UInt8>, now: Instant) {
        let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 <= 0x20 }) {
            add(line: index + 1) { () throws(Problem) in
                do { return try Self.request(try JSONParser.parse(line), now) } catch {
                    throw Problem(thrown: error, path: "")
                }
            }
        }
    }

    private mutating func add(line: Int?, _ request: () throws(Problem) -> RunRequest) {
        do {
            requests.append(try request())
            entries.append(Entry(line: line))
        } catch {
            entries.append(Entry(line: line, refusal: error))
        }
    }

    private static func request(_ value: JSONValue, _ now: Instant) throws(Problem) -> RunRequest {
        do { return try RunRequest(json: value, now: now) } catch { throw Problem(error) }
    }

    /// {"created": n, "existing": n, "replaced": n, "refused": n, "results": [{"id", "state"} or a problem, …]}: 201 when a run was made.
    func enqueue(_ engine: JobEngine, actor: String) async throws -> Response {
        let acceptances = requests.isEmpty ? [] : try await engine.enqueue(requests, actor: actor)
        var summary = Summary()
        var answers = acceptances.makeIterator()
        let results = entries.map { entry in
            if let refusal = entry.refusal { return summary.refused(refusal, entry.line) }
            guard let answer = answers.next() else {
                return summary.refused(Problem(.internalError, "The engine did not answer."), entry.line)
            }
            return summary.add(answer, entry.line)
        }
        return Response(json: summary.json(results), status: summary.created > 0 ? .created : .ok)
    }

    private struct Summary {
        var created = 0
        var existing = 0
        var replaced = 0
        var refused = 0

        mutating func refused(_ problem: Problem, _ line: Int?) -> JSONValue {
            refused += 1
            var problem = problem
            problem.line = line
            if let line { problem.detail = "Line \(line): \(problem.detail)" }
            return problem.json
        }

        mutating func add(_ acceptance: Acceptance, _ line: Int?) -> JSONValue {
            switch acceptance {
            case .created(let run):
                created += 1
                return ["id": .number(run.id), "state": .string(run.state.word)]
            case .existing(let run):
                existing += 1
                return ["id": .number(run.id), "state": .string(run.state.word), "existing": true]
            case .replaced(let run):
                replaced += 1
                return ["id": .number(run.id), "state": .string(run.state.word), "replaced": true]
            case .refused(let error): return refused(Problem(error), line)
            }
        }

        func json(_ results: [JSONValue]) -> JSONValue {
            [
                "created": .number(created), "existing": .number(existing), "replaced": .number(replaced),
                "refused": .number(refused), "results": .array(results),
            ]
        }
    }
}
