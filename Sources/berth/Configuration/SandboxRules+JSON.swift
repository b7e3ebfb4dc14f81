import GuestPool
import HostHTTP
import JobModel

// sandbox: strict
// sandbox: {profile: standard, MemoryDenyWriteExecute: no}
extension SandboxRules {
    /// `standard` is what holds where the object names no profile.
    init(_ json: JSONValue, path: String, standard: SandboxRules = .standard) throws(FieldError) {
        if let word = json.string {
            self.init(try Self.profile(word, path: path))
            return
        }
        var fields = try FieldReader(json, path: path)
        self = standard
        if let word = try fields.string("profile") {
            self.init(try Self.profile(word, path: fields.place("profile")))
        }
        for (name, feature) in SandboxFeatures.switches {
            if let isOn = try fields.convert(name, "must be yes or no", { $0.isYes }) { set(feature, isOn) }
        }
        try fields.finish()
    }

    private static func profile(_ word: String, path: String) throws(FieldError) -> SandboxProfile {
        guard let profile = SandboxProfile(rawValue: word) else {
            throw FieldError(path: path, value: word, reason: "must be none, standard or strict")
        }
        return profile
    }
}

extension JSONValue {
    /// In YAML 1.2 `yes` and `no` are texts.
    fileprivate var isYes: Bool? {
        switch string {
        case "yes": true
        case "no": false
        default: bool
        }
    }
}
