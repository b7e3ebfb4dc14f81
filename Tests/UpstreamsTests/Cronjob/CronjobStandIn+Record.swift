import JobModel

@testable import Upstreams

// What the stand-in has heard, as tests ask for it.
extension CronjobStandIn {
    func enter(_ task: [JSONMember], _ id: String) { tasks[id] = task }

    var requests: [Request] {
        heard.compactMap { if case .request(let request) = $0 { request } else { nil } }
    }

    func requests(_ path: String) -> [Request] { requests.filter { $0.path.hasPrefix(path) } }

    /// Whole events, across messages.
    var registrations: [JSONValue] {
        var decoders: [Int: ServerDecoder] = [:]
        return heard.flatMap { heard -> [JSONValue] in
            guard case .message(let bytes, let number) = heard else { return [] }
            return decoders[number, default: ServerDecoder()].take(bytes).compactMap { json in
                guard let event = try? JSONParser.parse(json), event["action"]?.string == "regist_worker"
                else { return nil }
                return event
            }
        }
    }

    /// The `data` of each report, in order.
    func reports(of task: String) -> [JSONValue] {
        updates.filter { $0.task == task }.map(\.data)
    }

    func statuses(of task: String) -> [String] {
        reports(of: task).map { $0["status"]?.string ?? "" }
    }

    var messages: [[UInt8]] {
        heard.compactMap { if case .message(let bytes, _) = $0 { bytes } else { nil } }
    }

    func count(_ matches: (Heard) -> Bool) -> Int { heard.count(where: matches) }
}
