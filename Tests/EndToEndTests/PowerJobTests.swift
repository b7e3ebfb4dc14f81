import Foundation
import TestSupport
import Testing

/// The real host as a worker of a server in a process of its own.
@Suite struct PowerJobTests {
    @Test func `the real host is a worker from its settings to its end`() async throws {
        let server = try PowerJobServer()
        let home = temporaryFolder()
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let settings = """
            upstreams:
              cluster: {kind: powerjob, app: swift-demo, servers: ["127.0.0.1:\(server.port)"], listen: "127.0.0.1:0",
                aliases: {demo: text/wordcount}, access: {read: [/usr/share/common-licenses]},
                pace: {heartbeat: 100ms, discovery: 100ms, report: 200ms}}
            """
        try Data(settings.utf8).write(to: home.appendingPathComponent("berth.yaml"))
        try await RunningHost.with(home: home) { host in
            let worker = try await eventually("a heartbeat") {
                try await server.calls("/server/workerHeartbeat").first?.message.workerAddress
            }
            try await server.dispatch(
                to: worker, instance: 745_847_914_496_000_064, processor: "demo",
                params: #"{"path": "/usr/share/common-licenses/GPL-3"}"#)
            let end = try await eventually("the final report") {
                try await server.calls("/server/reportInstanceStatus").last { $0.message.instanceStatus != 3 }?.message
            }
            #expect(end.instanceStatus == 5 && end.instanceId == 745_847_914_496_000_064)
            #expect(end.result?.contains("\"words\"") == true)
            let list = try await host.berth("upstream", "list")
            #expect(list.output.contains("cluster") && list.output.contains("connected"))
            let run = try await host.berth("runs", "show", "last")
            #expect(run.output.contains("745847914496000064") && run.output.contains("cluster"))
        }
        // It said that it takes nothing more before it went.
        #expect(try await server.calls("/server/workerHeartbeat").last?.message.overload == true)
        server.end()
    }

    @Test func `the processors that come with PowerJob run by their own names`() async throws {
        let server = try PowerJobServer()
        let home = temporaryFolder()
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let settings = """
            plugins: {script: {grants: [subprocess]}, http: {grants: [network]}}
            upstreams:
              cluster: {kind: powerjob, app: swift-demo, servers: ["127.0.0.1:\(server.port)"], listen: "127.0.0.1:0",
                pace: {heartbeat: 100ms, discovery: 100ms, report: 200ms}}
            """
        try Data(settings.utf8).write(to: home.appendingPathComponent("berth.yaml"))
        let official = "tech.powerjob.official.processors.impl."
        let jobs = [
            (official + "script.ShellProcessor", "echo $((6 * 7))", #""stdout":"42\n""#),
            (official + "script.PythonProcessor", "print(6 * 7)", #""stdout":"42\n""#),
            (
                official + "HttpProcessor",
                #"{"method": "GET", "url": "http://127.0.0.1:\#(server.port)/server/hello"}"#,
                #""status":200"#
            ),
        ]
        try await RunningHost.with(home: home) { host in
            let worker = try await eventually("a heartbeat") {
                try await server.calls("/server/workerHeartbeat").first?.message.workerAddress
            }
            for (instance, (processor, params, words)) in zip(Int64(1)..., jobs) {
                try await server.dispatch(to: worker, instance: instance, processor: processor, params: params)
                let end = try await server.end(of: instance)
                #expect(end.instanceStatus == 5 && end.result?.contains(words) == true, "\(end)")
            }
        }
        server.end()
    }
}
