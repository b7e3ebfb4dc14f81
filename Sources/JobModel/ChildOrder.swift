/// A run that an attempt wants made once it has succeeded.
package struct ChildOrder: Hashable, Sendable {
    /// What people call it; nil: nothing.
    package var label: String?
    /// JSON text, an object.
    package var params: [UInt8]

    package init(label: String? = nil, params: [UInt8]) {
        self.label = label
        self.params = params
    }
}

extension ChildOrder {
    /// As it is kept and travels between hosts.
    package var json: JSONValue {
        // Params are an object by the time they are here.
        .object(present: ["name": label.map(JSONValue.string), "params": (try? JSONParser.parse(params)) ?? [:]])
    }

    /// Nil when it is no such thing.
    package init?(json: JSONValue) {
        guard let params = json["params"], params.members != nil else { return nil }
        self.init(label: json["name"]?.string, params: params.bytes)
    }
}

/// How a child ended, as the reduce stage of its parent is told.
package struct ChildResult: Hashable, Sendable {
    /// 0 for success, else a code of `berth_plugin.h` by whose range it can be judged.
    package var status: Int32
    /// The output of a child that succeeded; the words of why another did not.
    package var bytes: [UInt8]

    package init(status: Int32, bytes: [UInt8]) {
        self.status = status
        self.bytes = bytes
    }
}

extension ChildResult {
    /// Of a run that has ended.
    package init(of run: RunRecord) {
        let isGood = run.state == .succeeded
        self.init(status: Self.status(of: run), bytes: isGood ? run.output : Array((run.reason ?? "").utf8))
    }

    private static func status(of run: RunRecord) -> Int32 {
        switch run.state {
        case .succeeded: 0
        case .cancelled: 200
        case .skipped, .expired: 202
        case .pending, .running, .held, .failed:
            if run.outcome == .timedOut { 201 } else if (1...199).contains(run.code) { run.code } else { 100 }
        }
    }
}

/// How many children of a run there are, by state.
package struct ChildCounts: Hashable, Sendable {
    package var states: [RunState: Int]

    package init(states: [RunState: Int]) {
        self.states = states
    }

    package var total: Int { states.values.reduce(0, +) }
    package var open: Int { states.reduce(0) { $1.key.isEnd ? $0 : $0 + $1.value } }
}
