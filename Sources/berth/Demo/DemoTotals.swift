import HostHTTP
import JobModel

/// The line below the demo's table.
struct DemoTotals {
    var runsPerSecond = 0.0
    var startLatency: String?
    var crashesContained: Int64 = 0
    var hostKills = 0
    /// Runs the demo asked for and the host acknowledged; those among them that the host no longer knows.
    var acknowledged = 0
    var lost = 0

    var line: String {
        let rate = (runsPerSecond * 10).rounded() / 10
        let back = hostKills == 0 ? "" : ", host killed and started again \(hostKills)×"
        return "\(rate) runs/s, start latency \(startLatency ?? "-"), \(crashesContained) crashes contained, "
            + "\(acknowledged) acknowledged, \(lost) lost\(back)"
    }
}
