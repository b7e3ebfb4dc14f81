import CGuestWire
package import JobModel

/// What a running attempt asks the host for. One question at a time for each attempt.
package enum GuestAsk: Hashable, Sendable {
    /// Results of the run's children, from this index on; at least one.
    case results(from: Int64)
    case get(key: [UInt8])
    /// `ifVersion` 0: only when the key is new; `UInt64.max`: always.
    case put(key: [UInt8], value: [UInt8], ifVersion: UInt64)
}

/// What the host says to it.
package struct GuestAnswer: Hashable, Sendable {
    /// A `BERTH_…` code of `berth_plugin.h`.
    package var status: Int32
    package var number: UInt64
    package var payload: [UInt8]

    package init(status: Int32, number: UInt64 = 0, payload: [UInt8] = []) {
        self.status = status
        self.number = number
        self.payload = payload
    }

    package static func results(_ results: [ChildResult]) -> GuestAnswer {
        var payload: [UInt8] = []
        payload.reserveCapacity(results.reduce(0) { $0 + $1.bytes.count + MemoryLayout<gw_result>.size })
        for result in results {
            let head = gw_result(status: result.status, length: UInt32(clamping: result.bytes.count))
            withUnsafeBytes(of: head) { payload.append(contentsOf: $0) }
            payload.append(contentsOf: result.bytes)
        }
        return GuestAnswer(status: 0, payload: payload)
    }

    /// Call again later: the store does not answer.
    package static let again = GuestAnswer(status: 255)
    package static let badCall = GuestAnswer(status: 252)
    package static let notFound = GuestAnswer(status: 253)
    package static let conflict = GuestAnswer(status: 254)
    package static let tooLarge = GuestAnswer(status: 251)
}
