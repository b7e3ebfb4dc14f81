import HostHTTP
import JobModel
import Upstreams

extension Secret {
    init(_ json: JSONValue, path: String, in surroundings: Surroundings) throws(FieldError) {
        let bytes = try SecretSource(json, path: path).bytes(path: path, in: surroundings)
        self.init(String(decoding: bytes, as: UTF8.self))
    }
}
