import JobModel

/// Processors that come with PowerJob and have a component here, with their params in our words.
enum OfficialProcessor: String, CaseIterable {
    case shell = "tech.powerjob.official.processors.impl.script.ShellProcessor"
    case python = "tech.powerjob.official.processors.impl.script.PythonProcessor"
    case http = "tech.powerjob.official.processors.impl.HttpProcessor"

    static let aliases: [String: ComponentName] = [shell, python, http].reduce(into: [:]) { aliases, processor in
        aliases[processor.rawValue] = processor.component
    }

    private var component: ComponentName? {
        switch self {
        case .shell, .python: ComponentName(plugin: "script", component: "script")
        case .http: ComponentName(plugin: "http", component: "request")
        }
    }

    /// The params of its component: as over there, those of the instance replace those of the job.
    func params(_ order: InstanceOrder) throws(OrderFault) -> JSONValue {
        let text = [order.instanceParams, order.jobParams].compactMap(\.self).first { !$0.isBlank }
        guard let text else { throw order.fault("\(rawValue) needs jobParams or instanceParams") }
        switch self {
        case .shell: return ["language": "bash", "code": .string(text)]
        case .python: return ["language": "python", "code": .string(text)]
        case .http: return try Self.request(text, order)
        }
    }

    /// `{method, url, mediaType, headers, body}`; the time limit is the instance's.
    private static func request(_ text: String, _ order: InstanceOrder) throws(OrderFault) -> JSONValue {
        guard let json = try? JSONParser.parse(text), let url = json["url"]?.string else {
            throw order.fault("the params of an HTTP processor are a JSON object with a url")
        }
        var headers = json["headers"]?.members ?? []
        let hasType = headers.contains { $0.name.lowercased() == "content-type" }
        let method = json["method"]?.string?.uppercased() ?? "GET"
        let body = method == "GET" ? nil : json["body"]
        if let type = json["mediaType"]?.string, !type.isEmpty, !hasType, body != nil {
            headers.append(JSONMember("Content-Type", .string(type)))
        }
        return .object(present: [
            "url": .string(url), "method": .string(method),
            "headers": headers.isEmpty ? nil : .object(headers),
            "body_text": body.map { .string($0.string ?? $0.text) },
        ])
    }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
