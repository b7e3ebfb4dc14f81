package import JobModel

// http: https://example.org/hook
// http: {url: https://example.org/hook, body: {day: today}, auth: {type: bearer, token_secret: hook}}
/// A job that calls a URL: the component `http/request`, with POST where no method is given.
package enum HookJob {
    package static let component = "http/request"

    /// What rows of other systems mean by a hook: the bytes of `body`, as they are.
    package static func params(url: String, body: String) -> JSONValue {
        let isJSON = (try? JSONParser.parse(body)) != nil
        return .object(present: [
            "url": .string(url), "method": .string("POST"), "body_text": body.isEmpty ? nil : .string(body),
            "headers": isJSON ? ["Content-Type": "application/json"] : nil,
        ])
    }

    /// Nil when it is neither a URL nor an object with params of the component.
    static func params(_ json: JSONValue) -> JSONValue? {
        if let url = json.string { return ["url": .string(url), "method": "POST"] }
        guard let members = json.members else { return nil }
        let names = members.map(\.name)
        return .object(names.contains("method") ? members : members + [JSONMember("method", "POST")])
    }
}
