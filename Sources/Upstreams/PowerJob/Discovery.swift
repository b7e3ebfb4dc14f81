package import JobModel
package import Logging

/// Which server is in charge of our app: asked for at one of the web addresses, again and again, since it changes when
/// servers come and go.
package actor Discovery {
    private let settings: PowerJobSettings
    private let calls: ServerCalls
    private let clock: ReportClock
    private let logger: Logger
    private let version: String

    /// Of our app at these servers; nil: not known yet, or no longer.
    package private(set) var app: Int64?
    /// To which heartbeats and reports go. The last one known stays while none answers.
    package private(set) var server: HostPort?
    package private(set) var serverVersion = ServerVersion.unknown
    /// The server's clock minus ours, in milliseconds; nil: it has not said.
    package private(set) var skew: Int64?
    package private(set) var fault: CallFault?
    package private(set) var lastContact: Instant?
    /// Rounds in a row in which no server took charge of us.
    package private(set) var failedRounds = 0
    private var askedHello: ContinuousClock.Instant?

    package init(settings: PowerJobSettings, calls: ServerCalls, clock: ReportClock, version: String, logger: Logger) {
        self.settings = settings
        self.calls = calls
        self.clock = clock
        self.version = version
        self.logger = logger
    }

    /// Looks once. The app's id is asked for when it is not known.
    package func look() async {
        let before = server
        do throws(CallFault) {
            let app = try await registered()
            let found = try await acquired(app)
            if found != before { logger.info("a server is in charge", metadata: ["server": "\(found)"]) }
            server = found
            (fault, failedRounds) = (nil, 0)
            heard()
            await greet()
        } catch {
            failedRounds += 1
            if fault != error { logger.warning("no server is in charge", metadata: ["reason": "\(error)"]) }
            fault = error
        }
    }

    /// Something came from the server, or was taken by it.
    package func heard() { lastContact = .now }

    private func registered() async throws(CallFault) -> Int64 {
        if let app { return app }
        let id = try await first { [settings, calls] server throws(CallFault) in
            let data = try await calls.find(server, "/server/assert", ["appName": settings.app])
            // Newer servers wrap the number.
            guard let id = data.looseInteger ?? data["appId"]?.looseInteger else {
                throw .nonsense(server, "/server/assert")
            }
            return id
        }
        app = id
        return id
    }

    private func acquired(_ app: Int64) async throws(CallFault) -> HostPort {
        let current = server?.description
        do {
            return try await first { [calls, version] server throws(CallFault) in
                let data = try await calls.find(
                    server, "/server/acquire",
                    ["appId": "\(app)", "protocol": "HTTP", "currentServer": current, "clientVersion": version])
                guard let found = data.string.flatMap({ HostPort($0) }) else {
                    throw .nonsense(server, "/server/acquire")
                }
                return found
            }
        } catch {
            // An app that was removed and registered again has another id.
            if case .refused(let text) = error, text.contains("not registered") { self.app = nil }
            throw error
        }
    }

    /// The answer of the first server that gives one: the one in charge first, the others in any order. Where several fail, a
    /// refusal says more than a silence.
    private func first<Value: Sendable>(
        _ ask: (HostPort) async throws(CallFault) -> Value
    ) async throws(CallFault) -> Value {
        var worst = CallFault.nowhere
        for address in settings.servers.shuffled().sorted(by: { rank($0) < rank($1) }) {
            do {
                return try await ask(address)
            } catch {
                if !worst.isJudgement { worst = error }
            }
        }
        throw worst
    }

    private func rank(_ address: HostPort) -> Int { address.host == server?.host ? 0 : 1 }

    /// Asks for version and clock now and then. Servers that do not answer this are as good.
    private func greet() async {
        if let askedHello, ContinuousClock.now - askedHello < settings.pace.hello { return }
        askedHello = .now
        let before = clock.now
        guard
            let data = try? await first({ [calls] server throws(CallFault) in
                try await calls.find(server, "/server/hello")
            })
        else { return }
        if let text = data["serverInfo"]?["version"]?.looseText { serverVersion = ServerVersion(text) }
        // Of this century: whoever answers may say anything.
        guard let time = data["serverTimeTs"]?.looseInteger, (0...4_102_444_800_000).contains(time) else { return }
        skew = time - (before + clock.now) / 2
        if let warning = skewWarning { logger.warning("\(warning)") }
    }

    /// Half of what servers tolerate.
    package var skewWarning: String? {
        guard let skew, abs(skew) >= 30_000 else { return nil }
        let amount = Duration.milliseconds(abs(skew)).berthText
        return "the server's clock is \(amount) \(skew > 0 ? "ahead of" : "behind") this machine's"
    }
}
