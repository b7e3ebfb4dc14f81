import CLinux
import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// What a guest died of is said by the kernel, however late the host hears of it.
@Suite(.serialized) struct GuestDeathTests {
    @Test func `An attempt that ran out of memory before the host looked is told its limit`() async throws {
        // With one the kernel would not wait for it to give up.
        try await PoolFixture.with(lacks: KernelLacks(controlGroups: true)) { fixture in
            let spec = try fixture.spec("hostile", limits: GuestLimits(memoryBytes: 256 << 20))
            guard case .loaded(let plugin, _) = await fixture.pool.probe(spec, deadline: .seconds(10)) else { return }
            let component = try #require(plugin.components.firstIndex { $0.id == "memory-hog-that-aborts" })
            // Its thread hears nothing and looks at nothing until the process has ended.
            fixture.pool.deliver { [events = fixture.events] batch in
                if batch.contains(where: \.isLog) { waitForChildren() }
                events.append(batch)
            }
            let order = AttemptOrder(
                key: AttemptKey(run: 1, number: 1), slot: 0, spec: fixture.pool.intern(spec),
                component: UInt32(component), rootRun: 1, params: Array("{}".utf8), limit: nil)
            let end = try await fixture.end(of: order)
            #expect(end.outcome == .crashed(.outOfMemory))
            #expect(end.message == "SIGABRT at its memory limit of 256 MiB")
            #expect(end.evidence?.limit == "memory 256 MiB")
        }
    }

    @Test(.enabled(if: Freezer.isThere)) func `A guest that takes long to end is not taken for one that hung up`()
        async throws
    {
        try await PoolFixture.with(patience: .seconds(60)) { fixture in
            // Together, so that the guest is never idle: one in which a program was left would be replaced.
            fixture.run([
                try fixture.order(1, "starts-program", grants: [.subprocess]),
                try fixture.order(2, "wait-deaf", grants: [.subprocess]),
            ])
            let guest = try await fixture.events.end(of: 1).guest
            let program = try await eventually("its program runs") { children(of: guest).first }
            let freezer = try Freezer(program)
            defer { freezer.remove() }
            kill(guest, SIGKILL)
            try await eventually("it has nothing open any more and waits for its program") {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/\(guest)/fd").isEmpty ? true : nil
            }
            // Longer than the host listens for one that hung up.
            _ = try await fixture.end(of: fixture.order(3, "wait", of: "basic", slot: 1, limit: .milliseconds(300)))
            freezer.thaw()
            let end = try await fixture.events.end(of: 2)
            #expect(end.outcome == .crashed(.killedExternally), "\(end)")
        }
    }
}

extension GuestEvent {
    fileprivate var isLog: Bool { if case .log = self { true } else { false } }
}

private func children(of process: Int32) -> [Int32] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    return tasks.flatMap { children(ofTask: "/proc/\(process)/task/\($0)") }
}

private func children(ofTask folder: String) -> [Int32] {
    let text = (try? String(contentsOfFile: "\(folder)/children", encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { Int32($0) }
}

/// Until all that this thread has started has ended, for a minute at most; nobody needs to have reaped it.
private func waitForChildren() {
    for child in children(ofTask: "/proc/thread-self") {
        let descriptor = berth_pidfd_open(child)
        guard descriptor >= 0 else { continue }
        defer { close(descriptor) }
        var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&end, 1, 60_000)
    }
}
