package import JobModel

/// What a plugin file says of itself without being run: the descriptor, in a section of its own that `berth plugin build`
/// writes. It is a claim; what the plugin answers when it is probed is the truth, and a difference rejects the file.
///
/// The section holds 24 bytes, little-endian, and then JSON: magic, record version, ABI major and minor, flags (none
/// yet), length of the JSON.
package enum PluginManifest {
    package static let section = ".berth.manifest"
    static let magic = Array("BERTH\0MF".utf8)
    static let recordVersion: UInt32 = 1
    static let headSize = 24
    static let mostBytes = 256 << 10

    /// Throws when it would be larger than a manifest may be.
    package static func encode(_ descriptor: PluginDescriptor) throws(Rejection) -> [UInt8] {
        let json = descriptor.json.bytes
        guard headSize + json.count <= mostBytes else {
            throw .manifest(what: "it would have \(headSize + json.count) bytes, \(mostBytes) are allowed")
        }
        var bytes = magic
        bytes.append(littleEndian: recordVersion)
        bytes.append(littleEndian: descriptor.abiVersion)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt32(json.count))
        return bytes + json
    }

    /// Total: any bytes give a descriptor or a rejection.
    static func decode(_ bytes: ElfBytes, in section: Range<UInt64>) throws(Rejection) -> PluginDescriptor {
        let size = section.upperBound - section.lowerBound
        guard size >= UInt64(headSize) else {
            throw .manifest(what: "it has \(size) bytes, its head needs \(headSize)")
        }
        guard size <= UInt64(mostBytes) else {
            throw .manifest(what: "it has \(size) bytes, \(mostBytes) are allowed")
        }
        let head = try bytes.copy(section.lowerBound, UInt64(headSize))
        guard Array(head.prefix(magic.count)) == magic else { throw .manifest(what: "it does not begin as one") }
        let start = section.lowerBound
        let version = try bytes.integer(at: start + 8, as: UInt32.self)
        guard version == recordVersion else {
            throw .manifest(what: "its version is \(version), this host reads \(recordVersion)")
        }
        let abi = try bytes.integer(at: start + 12, as: UInt32.self)
        let length = UInt64(try bytes.integer(at: start + 20, as: UInt32.self))
        guard UInt64(headSize) + length <= size else {
            throw .manifest(what: "it says it has \(length) bytes of JSON, \(size - UInt64(headSize)) are there")
        }
        return try decode(json: try bytes.copy(start + UInt64(headSize), length), abi: abi)
    }

    private static func decode(json: [UInt8], abi: UInt32) throws(Rejection) -> PluginDescriptor {
        let value: JSONValue
        do { value = try JSONParser.parse(json) } catch { throw .manifest(what: "it is not JSON: \(error)") }
        guard let descriptor = PluginDescriptor(json: value) else {
            throw .manifest(what: "something is missing in it or of the wrong kind")
        }
        guard descriptor.abiVersion == abi else { throw .manifest(what: "its head and its text name different ABIs") }
        return descriptor
    }

    /// The first thing in which the claim and the truth differ; nil when they agree.
    package static func difference(_ claim: PluginDescriptor, from truth: PluginDescriptor) -> Rejection? {
        if claim == truth { return nil }
        let left = claim.json.members ?? [], right = truth.json.members ?? []
        for (one, other) in zip(left, right) where one.value != other.value && one.name != "components" {
            return .manifestDiffers(what: one.name, claim: one.value.text, truth: other.value.text)
        }
        let claimed = claim.components.map(\.id), real = truth.components.map(\.id)
        guard claimed == real else {
            return .manifestDiffers(
                what: "components", claim: claimed.joined(separator: ", "), truth: real.joined(separator: ", "))
        }
        for (one, other) in zip(left.components, right.components) where one != other {
            return difference(of: one, from: other)
        }
        return .manifestDiffers(what: "descriptor", claim: "something", truth: "something else")
    }

    private static func difference(of claim: JSONValue, from truth: JSONValue) -> Rejection? {
        let names = (claim.members ?? []).map(\.name) + (truth.members ?? []).map(\.name)
        guard let name = names.first(where: { claim[$0] != truth[$0] }) else { return nil }
        let component = truth["id"]?.string ?? ""
        return .manifestDiffers(
            what: "\(name) of \(component)", claim: claim[name]?.text ?? "nothing",
            truth: truth[name]?.text ?? "nothing")
    }
}

extension [JSONMember] {
    fileprivate var components: [JSONValue] { first { $0.name == "components" }?.value.array ?? [] }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
