import HostHTTP
import JobModel

/// Upstreams as a table, and one closely.
enum UpstreamTable {
    static func table(_ upstreams: [UpstreamView], now: Instant) -> Table {
        var table = Table([
            .init("UPSTREAM"), .init("KIND"), .init("STATE"), .init("SERVER"), .init("HEARD"), .init("OPEN", .right),
            .init("OWED", .right), .init("LAG", .right), .init("WHAT TO DO"),
        ])
        for upstream in upstreams {
            table.add([
                upstream.name, upstream.kind, upstream.state, upstream.server, heard(upstream, now),
                String(upstream.open), String(upstream.owed), upstream.lag, upstream.remedy,
            ])
        }
        return table
    }

    static func facts(_ upstream: UpstreamView, now: Instant) -> Facts {
        var facts = Facts()
        facts.add("upstream", upstream.name)
        facts.add("kind", upstream.kind)
        facts.add("state", upstream.state)
        facts.add("what to do", upstream.remedy)
        facts.add("server", upstream.server)
        facts.add("last heard", heard(upstream, now))
        facts.add("open", String(upstream.open))
        facts.add("owed", "\(upstream.owed)" + (upstream.lag.map { ", the oldest end for \($0)" } ?? ""))
        facts.add("last error", upstream.lastError)
        return facts
    }

    private static func heard(_ upstream: UpstreamView, _ now: Instant) -> String? {
        RelativeTime.words(upstream.lastContact, now: now)
    }
}
