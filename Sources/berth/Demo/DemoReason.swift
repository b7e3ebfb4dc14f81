import HostHTTP
import JobModel

/// The WHY column: the reason of a run that did not succeed, or what a run that did brought, in one line.
enum DemoReason {
    static func sentence(_ run: RunView) -> String {
        if run.state != .succeeded { return run.reason ?? "no reason given" }
        return summary(run.json["output"]) ?? "done"
    }

    /// `lines 41, words 306, top 10 items`: enough to see that real work was done.
    static func summary(_ output: JSONValue?) -> String? {
        switch output {
        case .object(let members)?: members.prefix(5).map { "\($0.name) \(brief($0.value))" }.joined(separator: ", ")
        case .array(let values)?: "\(values.count) items"
        case .string(let text)?: lastLine(text)
        case let value?: brief(value)
        case nil: nil
        }
    }

    private static func lastLine(_ text: String) -> String? {
        text.split(separator: "\n").last.map { String($0).replacing("\t", with: " ") }
    }

    private static func brief(_ value: JSONValue) -> String {
        switch value {
        case .null: "none"
        case .bool(let value): value ? "yes" : "no"
        case .number(let digits): digits
        case .string(let text): lastLine(text).map { String($0.prefix(60)) } ?? "empty"
        case .array(let values): "\(values.count) items"
        case .object(let members): "\(members.count) items"
        }
    }
}
