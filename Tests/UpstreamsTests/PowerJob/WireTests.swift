import Foundation
import JobModel
import TestSupport
import Testing
import Upstreams

/// The words of the protocol, byte for byte.
@Suite struct WireTests {
    @Test func `bytes travel in the alphabet with minus and underscore, without padding`() throws {
        // The text has an underscore where ordinary base64 would have a slash.
        let text =
            "eyJjb250YWluZXJJZCI6NywiY29udGFpbmVyTmFtZSI6ImRlbW8tY29udGFpbmVyIiwidmVyc2lvbiI6IjlhMDM2NGI5ZTk5YmI0ODBkZDI1ZTFmMDI4NGM4NTU1IiwiZG93bmxvYWRVUkwiOiJodHRwOi8vMTAuMC4wLjE6NzcwMC9jb250YWluZXIvZG93bmxvYWRKYXI_dmVyc2lvbj05YTAzNjRiOWU5OWJiNDgwZGQyNWUxZjAyODRjODU1NSJ9"
        let plain =
            #"{"containerId":7,"containerName":"demo-container","version":"9a0364b9e99bb480dd25e1f0284c8555","downloadURL":"#
            + #""http://10.0.0.1:7700/container/downloadJar?version=9a0364b9e99bb480dd25e1f0284c8555"}"#
        #expect(text.contains("_") && !text.hasSuffix("="))
        #expect(Base64URL.decode(text) == Array(plain.utf8))
        #expect(Base64URL.encode(Array(plain.utf8)) == text)
        #expect(Base64URL.decode("WyIxMC4wLjAuNToyNzc3NyJd") == Array(#"["10.0.0.5:27777"]"#.utf8))
    }

    @Test(arguments: [("", 0), ("AA", 1), ("AA==", 1), ("AAA", 2), ("AAA=", 2), ("AAAA", 3)])
    func `padding may be there or not`(text: String, count: Int) {
        #expect(Base64URL.decode(text)?.count == count)
    }

    @Test(arguments: ["A", "AAAAA", "A+AA", "A/AA", "A A", "AA=A", "A===", "=", "AAAA====", "ÄA"])
    func `what is not of the alphabet is refused`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `any bytes come back`() {
        var random = SystemRandomNumberGenerator()
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    private static func order(_ text: String) throws -> InstanceOrder {
        try InstanceOrder(json: JSONParser.parse(text))
    }

    @Test func `a dispatch is read in full`() throws {
        let text = #"""
            {"allWorkerAddress":["10.0.0.5:27777"],"maxWorkerCount":0,"jobId":501,"instanceId":745847914496000064,
             "executeType":"STANDALONE","processorType":"BUILT_IN","processorInfo":"orders.settle",
             "instanceTimeoutMS":60000,"jobParams":"{\"day\":\"2024-12-07\"}","instanceParams":"run-by-hand",
             "threadConcurrency":5,"taskRetryNum":1,"timeExpressionType":"CRON","timeExpression":"0 0 2 * * ?",
             "maxInstanceNum":0,"logConfig":"{\"type\":1,\"level\":2}","advancedRuntimeConfig":"{\"taskTrackerBehavior\":1}",
             "somethingNew":{"a":[1]}}
            """#
        let order = try InstanceOrder(json: JSONParser.parse(text))
        #expect(order.instance == 745_847_914_496_000_064 && order.job == 501 && order.workflow == nil)
        #expect(order.isLight && !order.isFrequent && order.timeType == .cron)
        #expect(order.timeout == .seconds(60) && order.retries == 1 && order.threads == 5)
        #expect(order.jobParams == #"{"day":"2024-12-07"}"# && order.instanceParams == "run-by-hand")
        #expect(order.allAddresses == ["10.0.0.5:27777"] && order.runtimeConfig == #"{"taskTrackerBehavior":1}"#)
    }

    @Test func `numbers may be texts, and words that are not known name themselves`() throws {
        let order = try InstanceOrder(
            json: JSONParser.parse(
                #"{"jobId":"1","instanceId":"9223372036854775807","instanceTimeoutMS":"-1","taskRetryNum":2.9,"processorInfo":"x","maxInstanceNum":null}"#
            ))
        #expect(order.instance == .max && order.timeout == nil && order.retries == 2)
        let fault = #expect(throws: OrderFault.self) {
            try Self.order(#"{"jobId":1,"instanceId":2,"executeType":"SIDEWAYS"}"#)
        }
        #expect(fault?.instance == 2 && fault?.reason.contains("SIDEWAYS") == true)
        #expect(throws: OrderFault.self) { try Self.order(#"{"instanceId":1e300}"#) }
    }

    @Test func `a report has the keys of its kind and no null`() {
        var report = InstanceReport(
            app: 12, job: 501, instance: 745_847_914_496_000_064, workflow: nil, status: .running,
            startTime: 1_733_600_005_000, reportTime: 1_733_600_012_000, address: "10.0.0.5:27777")
        #expect(
            report.json.text
                == #"{"appId":12,"jobId":501,"instanceId":745847914496000064,"instanceStatus":3,"totalTaskNum":1,"#
                + #""succeedTaskNum":0,"failedTaskNum":0,"startTime":1733600005000,"reportTime":1733600012000,"#
                + #""sourceAddress":"10.0.0.5:27777","needAlert":false}"#)
        report.workflow = 7
        report.appendedContext = [JSONMember("rows", "42")]
        report.alert = "queue unreachable"
        #expect(report.json["wfInstanceId"] == 7 && report.json["appendedWfContext"] == ["rows": "42"])
        #expect(report.json["needAlert"] == true && report.json["alertContent"] == "queue unreachable")
    }

    @Test func `a result is cut where servers cut it`() {
        #expect(InstanceReport.result("settled") == "settled")
        let long = InstanceReport.result(String(repeating: "ä", count: 9000))
        #expect(long.count == 8099 && long.hasSuffix("..."))
        // A character of two units is not cut in two.
        let odd = InstanceReport.result("a" + String(repeating: "𝄞", count: 5000))
        #expect(odd.utf16.count == 8095 + 3 && odd.hasSuffix("𝄞..."))
    }

    @Test(arguments: [
        ("4.3.8", true), ("4.3.7", false), ("4.3.10", true), ("5.1.0-beta", true), ("UNKNOWN", false), ("", false),
        ("4.4", true), ("4.3", false),
    ])
    func `which servers tolerate what they do not know`(version: String, isTolerant: Bool) {
        #expect(ServerVersion(version).toleratesUnknownKeys == isTolerant)
    }

    @Test func `metrics are plain numbers whatever the machine says`() throws {
        let odd = SystemMetrics(
            processors: 8, load: .nan, usedMemory: 20 << 30, allMemory: 16 << 30, usedDisk: .max, allDisk: 0)
        #expect(odd.json["cpuLoad"] == .number("0.0") && odd.json["diskUsage"] == .number("0.0"))
        #expect(odd.json["jvmMemoryUsage"] == .number("1.0000") && odd.json["score"]?.integer != nil)
        let plain = SystemMetrics(
            processors: 8, load: 1.25, usedMemory: 64 << 20, allMemory: 16 << 30, usedDisk: 120 << 30,
            allDisk: 480 << 30)
        #expect(plain.json["jvmUsedMemory"] == .number("0.0625") && plain.json["cpuLoad"] == .number("1.2500"))
        #expect(plain.json["diskUsage"] == .number("0.2500") && plain.score == 38)
    }

    @Test func `the machine is measured by the kernel's files and the limits of its control group`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-machine-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        func put(_ name: String, _ text: String) throws {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try put("proc/loadavg", "1.50 0.90 0.10 1/200 4711\n")
        try put("proc/meminfo", "MemTotal: 4194304 kB\nMemFree: 100 kB\nMemAvailable: 1048576 kB\n")
        try put("proc/self/cgroup", "0::/system.slice/berth.service\n")
        let probe = MachineProbe(
            folder: folder.path, proc: folder.appendingPathComponent("proc").path,
            groups: folder.appendingPathComponent("groups").path)
        let machine = probe.look()
        #expect(machine.load == 1.5 && machine.allMemory == 4 << 30 && machine.usedMemory == 3 << 30)
        #expect(machine.allDisk > machine.usedDisk && machine.usedDisk > 0)
        try put("groups/system.slice/berth.service/memory.max", "1073741824\n")
        try put("groups/system.slice/berth.service/memory.current", "268435456\n")
        #expect(probe.look().allMemory == 1 << 30 && probe.look().usedMemory == 256 << 20)
        // What is around it has a limit too, of which less is left.
        try put("groups/system.slice/memory.max", "2147483648\n")
        try put("groups/system.slice/memory.current", "2147483000\n")
        #expect(probe.look().allMemory == 2 << 30 && probe.look().usedMemory == 2_147_483_000)
        try put("groups/system.slice/memory.max", "max\n")
        #expect(machine.processors == ProcessInfo.processInfo.activeProcessorCount)
        try put("groups/system.slice/cpu.max", "50000 100000\n")
        try put("groups/system.slice/berth.service/cpu.max", "max 100000\n")
        #expect(probe.look().processors == 1)
        try put("groups/system.slice/berth.service/memory.max", "max\n")
        #expect(probe.look().allMemory == 4 << 30)
        let real = MachineProbe(folder: "/").look()
        #expect(real.processors > 0 && real.allMemory > real.usedMemory)
    }

    @Test func `bytes nobody vouches for are read or refused, never more`() throws {
        let samples = [
            PowerJobWorld.order("basic/noop", instance: 7).bytes, AskReply(isSuccess: true, data: [1, 2]).json.bytes,
            InstanceNote(app: 1, job: 2, workflow: 3, startTime: 4, logConfig: "{}").bytes,
        ]
        var fuzzing = try Fuzzing("powerjob-wire", samples: samples)
        try fuzzing.run(count: 4000) { bytes in
            guard let json = try? JSONParser.parse(bytes) else { return "no JSON" }
            let reply = AskReply(bytes: bytes).map { "\($0.isSuccess) \($0.data?.count ?? -1)" } ?? "no reply"
            let note = InstanceNote(bytes: bytes) == nil ? "no note" : "note"
            do {
                let order = try InstanceOrder(json: json)
                _ = try? RunRequest(
                    order, component: #require(ComponentName("a/b")),
                    settings: PowerJobSettings(app: "a", servers: []), admits: { _ in true })
                _ = LogRule(config: order.logConfig)
                return "\(order.executeType) \(order.processorType) \(order.timeType) \(reply) \(note)"
            } catch {
                return "\(error) \(reply) \(note)"
            }
        }
    }
}
