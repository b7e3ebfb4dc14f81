/// Why the bytes of a zone file are refused.
package enum ZoneError: Error, Hashable, Sendable {
    /// It does not begin like a TZif file.
    case notZoneFile(zone: String)
    /// It ends before its own counts say so.
    case truncated(zone: String)
    /// It breaks a rule of the format; `what` names the part.
    case damaged(zone: String, what: String)
}

extension ZoneError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notZoneFile(let zone): "zone \(zone): not a TZif file"
        case .truncated(let zone): "zone \(zone): the file is cut short; install the tzdata package again"
        case .damaged(let zone, let what): "zone \(zone): \(what); install the tzdata package again"
        }
    }
}
