import CGuestWire
import CGuestWire.Places
import JobModel

/// Which path a plugin was kept from, when it says that something was not permitted. The kernel does not tell; so this
/// goes by the path in the plugin's words, or in its params, and asks nothing of the file system.
struct AccessHint {
    private let spec: GuestSpec
    private let params: [UInt8]
    private let writable: [String]
    private let homes: [String]

    /// `scratch`: the guest's own folder; `homes`: names of the host's.
    init(_ spec: GuestSpec, _ params: [UInt8], scratch: String, homes: [String]) {
        self.spec = spec
        self.params = params
        self.homes = homes
        writable = [scratch] + SystemPlaces.open(with: spec.grants, GW_ACCESS_WRITE) + spec.access.write
    }

    /// `/etc/shadow is outside the sandbox: --read /etc/shadow, or access.read in a job, …`; nil when nothing points there.
    func sentence(on message: String?) -> String? {
        // One that says what to do has said enough.
        guard spec.sandbox.features.contains(.files), let message, Self.speaksOfRefusal(message),
            !message.contains("access.")
        else { return nil }
        let isOfWriting = Self.words(ofWriting: message)
        return sentence(about: Self.paths(in: message), isOfWriting)
            ?? sentence(about: Self.paths(in: String(decoding: params.prefix(65536), as: UTF8.self)), isOfWriting)
    }

    /// What may not even be read comes first.
    private func sentence(about paths: [String], _ isOfWriting: Bool) -> String? {
        let readable = [spec.libraryFolder] + SystemPlaces.open(with: spec.grants, GW_ACCESS_READ)
        let kept = paths.filter { !Self.lies($0, in: writable) }
        if let path = kept.first(where: { !Self.lies($0, in: readable + spec.access.read) }) {
            return closed(path) ?? outside(path, isOfWriting)
        }
        // What a job opened for reading can have been kept from nothing but a change.
        let path = kept.first { isOfWriting || Self.lies($0, in: spec.access.read) }
        return path.map { closed($0) ?? Self.readOnly($0) }
    }

    private func closed(_ path: String) -> String? {
        if Self.lies(path, in: homes) { return "\(path) lies in the host's home, into which nothing lets a plugin" }
        guard homes.contains(where: { PathArguments.holds(path, $0) }) else { return nil }
        return "\(path) holds the host's home, so that no job may open all of it; name what the plugin needs in it"
    }

    private func outside(_ path: String, _ isOfWriting: Bool) -> String {
        isOfWriting
            ? "\(path) is outside the sandbox: --write \(path), or access.write in a job, lets it in\(Self.makes)"
            : "\(path) is outside the sandbox: --read \(path), or access.read in a job, lets it be read, "
                + "--write and access.write changed"
    }

    private static func readOnly(_ path: String) -> String {
        "\(path) is open for reading alone: --write \(path), or access.write in a job, lets it be changed\(makes)"
    }

    private static let makes = "; what is not there yet needs its folder named"

    private static func lies(_ path: String, in places: [String]) -> Bool {
        places.contains { PathArguments.holds($0, path) }
    }

    private static func words(ofWriting message: String) -> Bool {
        ["writ", "creat", "remov", "delet", "mkdir", "renam", "truncat", "append"].contains { message.contains($0) }
    }

    static func speaksOfRefusal(_ message: String) -> Bool {
        [
            "ermission denied", "not permitted", "EACCES", "EPERM", "os error 13", "permission",
            "not implemented", "ENOSYS",
        ].contains {
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
