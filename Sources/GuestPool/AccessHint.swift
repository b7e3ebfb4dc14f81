import CGuestWire
import CGuestWire.Places
import JobModel

/// Which path a plugin was kept from, when it says that something was not permitted. The kernel does not tell; so this
/// goes by the path in the plugin's words, or in its params, and asks nothing of the file system.
struct AccessHint {
    private let readable: [String]
    private let writable: [String]
    private let params: [UInt8]
    private let isFenced: Bool

    init(_ spec: GuestSpec, _ params: [UInt8]) {
        isFenced = spec.sandbox.features.contains(.files)
        self.params = params
        readable = [spec.libraryFolder] + SystemPlaces.open(with: spec.grants, GW_ACCESS_READ) + spec.access.read
        writable = SystemPlaces.open(with: spec.grants, GW_ACCESS_WRITE) + spec.access.write
    }

    /// `/etc/shadow is outside the sandbox: --read /etc/shadow, access.read in a job`; nil when nothing points there.
    func sentence(on message: String?) -> String? {
        // One that says what to do has said enough.
        guard isFenced, let message, Self.speaksOfRefusal(message), !message.contains("access.") else { return nil }
        let paths = Self.paths(in: message) + Self.paths(in: String(decoding: params.prefix(65536), as: UTF8.self))
        let wantsWrite = ["writ", "creat", "remov", "delet", "mkdir"].contains { message.contains($0) }
        for path in paths where !writable.contains(where: { PathArguments.holds($0, path) }) {
            let isReadable = readable.contains { PathArguments.holds($0, path) }
            if isReadable, !wantsWrite { continue }
            let word = isReadable || wantsWrite ? "write" : "read"
            return "\(path) is outside the sandbox: --\(word) \(path), or access.\(word) in a job, lets it in"
        }
        return nil
    }

    private static func speaksOfRefusal(_ message: String) -> Bool {
        ["ermission denied", "not permitted", "EACCES", "EPERM", "os error 13", "permission"].contains {
            message.contains($0)
        }
    }

    /// Absolute paths among the words of a text.
    private static func paths(in text: String) -> [String] {
        let breaks: Set<Character> = [" ", "\"", "'", "`", "\n", "\t", ",", ";", "(", ")", "[", "]", "{", "}"]
        return text.split(whereSeparator: breaks.contains).compactMap { word in
            guard let start = word.firstIndex(of: "/"), start == word.startIndex || word[..<start].last == ":" else {
                return nil
            }
            let path = word[start...].prefix { $0 != ":" }
            return path.count > 1 && !path.hasPrefix("//") ? String(path) : nil
        }
    }
}

/// Places of the system that a sandbox leaves open.
enum SystemPlaces {
    /// For the given GW_ACCESS_….
    static func open(with grants: Grants, _ access: UInt32) -> [String] {
        var places: [String] = []
        var index = 0
        while let place = gw_place_at(index)?.pointee {
            if place.access & access != 0, place.grant == 0 || place.grant & grants.rawValue != 0 {
                places.append(String(String(cString: place.path).dropLast(Int(place.is_folder))))
            }
            index += 1
        }
        return places
    }
}
