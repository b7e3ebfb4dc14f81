/// A job as it is stored.
package struct JobRecord: Hashable, Sendable {
    package var id: JobID
    package var definition: JobDefinition
    /// Who said it: the API, the inbox, a job file and so on. Only this source changes the definition.
    package var source: String
    package var paused: Bool
    /// The last planned instant that was fired, skipped or counted as missed.
    package var watermark: Instant?
    /// Start of an `every` grid.
    package var anchor: Instant
    package var createdAt: Instant

    package init(
        id: JobID, definition: JobDefinition, source: String, paused: Bool = false, watermark: Instant? = nil,
        anchor: Instant, createdAt: Instant
    ) {
        self.id = id
        self.definition = definition
        self.source = source
        self.paused = paused
        self.watermark = watermark
        self.anchor = anchor
        self.createdAt = createdAt
    }
}
