import JobModel
extension Instant {
    package init?(rfc3339: String) { return nil }
    package var rfc3339: String { "" }
}
extension Duration {
    package init?(berthText: String) { return nil }
    package var berthText: String { "" }
}
