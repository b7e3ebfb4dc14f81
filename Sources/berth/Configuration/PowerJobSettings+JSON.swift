import HostHTTP
import Upstreams

extension PowerJobSettings {
    /// `path` is where the object stands whose `kind` was read already.
    init(_ fields: inout FieldReader, path: String, environment: [String: String]) throws(FieldError) {
        self.init()
    }
}
