package import JobEngine
import JobModel
package import Logging

/// What the parts of one PowerJob upstream share.
package struct PowerJobParts: Sendable {
    package var name: String
    package var settings: PowerJobSettings
    package var engine: JobEngine
    package var ledger: DispatchLedger
    package var discovery: Discovery
    package var calls: ServerCalls
    package var clock: ReportClock
    /// What servers and other workers call us by.
    package var address: HostPort
    package var processors: ProcessorNames
    /// Of this host program.
    package var version: String
    /// On the disk that servers hear about.
    package var folder: String
    /// Who may call at our door; other workers are added.
    package var callers: Callers
    package var logger: Logger
}
