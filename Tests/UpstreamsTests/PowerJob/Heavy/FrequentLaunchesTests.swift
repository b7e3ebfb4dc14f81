import JobModel
import Testing

@testable import Upstreams

/// Launches of an instance that goes on until it is stopped, and when failing ones are worth an alarm.
struct FrequentLaunchesTests {
    @Test func `a fixed rate launches every so often, however long a launch takes`() throws {
        var launches = try #require(FrequentLaunches(Self.order(.fixedRate, every: "100"), now: Self.at(0)))
        #expect(launches.launch(now: Self.at(0), time: 0) == 1)
        #expect(launches.launch(now: Self.at(50), time: 50) == nil)
        #expect(launches.next == Self.at(100))
        #expect(launches.launch(now: Self.at(100), time: 100) == 2)
        #expect(launches.numbersRunning == [1, 2])
    }

    @Test func `a launch too many is counted as one that failed`() throws {
        var order = Self.order(.fixedRate, every: "100")
        order.mostInstances = 1
        var launches = try #require(FrequentLaunches(order, now: Self.at(0)))
        _ = launches.launch(now: Self.at(0), time: 0)
        #expect(launches.launch(now: Self.at(100), time: 100) == nil)
        #expect(launches.launched == 2 && launches.failed == 1)
        #expect(launches.details.first?.result == "TOO_MUCH_INSTANCE")
        #expect(launches.numbersRunning == [1])
    }

    @Test func `a fixed delay waits for the end`() throws {
        var launches = try #require(FrequentLaunches(Self.order(.fixedDelay, every: "100"), now: Self.at(0)))
        _ = launches.launch(now: Self.at(0), time: 0)
        #expect(launches.next == nil)
        #expect(launches.launch(now: Self.at(1000), time: 0) == nil)
        _ = launches.ended(1, Self.good, now: Self.at(1000), time: 0)
        #expect(launches.next == Self.at(1100))
    }

    @Test func `launches of an earlier host go on, and their numbers are not given again`() throws {
        let before: JSONValue = ["launched": 7, "succeeded": 5, "failed": 1]
        var launches = try #require(
            FrequentLaunches(Self.order(.fixedDelay, every: "100"), before: before, now: Self.at(0)))
        launches.adopt(7, time: 0)
        launches.adopt(9, time: 0)
        #expect(launches.next == nil && launches.launched == 9)
        _ = launches.ended(7, Self.good, now: Self.at(10), time: 10)
        _ = launches.ended(9, Self.good, now: Self.at(20), time: 20)
        #expect(launches.succeeded == 7 && FrequentLaunches.ended(in: launches.counted) == 8)
        #expect(launches.launch(now: Self.at(120), time: 120) == 10)
    }

    @Test func `a host that stops launches nothing more, and forgets what it could not launch`() throws {
        var launches = try #require(FrequentLaunches(Self.order(.fixedRate, every: "100"), now: Self.at(0)))
        #expect(launches.launch(now: Self.at(0), time: 0) == 1)
        launches.rest(without: 1)
        #expect(launches.launched == 0 && launches.details.isEmpty && launches.numbersRunning.isEmpty)
        #expect(launches.launch(now: Self.at(1_000_000), time: 0) == nil)
    }

    @Test func `a launch has a name that no instance and no task has`() {
        let name = LaunchName(instance: .max, launch: 12)
        #expect(name.text == "9223372036854775807.12" && LaunchName(name.text) == name)
        for text in ["12", "12.", "12.0", ".1", "1.2.3", "1.x", "7/0.1#0@10.0.0.1:1"] {
            #expect(LaunchName(text) == nil)
        }
    }

    @Test func `a host that was held up makes up for nothing, and no rate is above twenty a second`() throws {
        var launches = try #require(FrequentLaunches(Self.order(.fixedRate, every: "1"), now: Self.at(0)))
        _ = launches.launch(now: Self.at(0), time: 0)
        #expect(launches.next == Self.at(50))
        _ = launches.launch(now: Self.at(10_000), time: 0)
        #expect(launches.next == Self.at(10_050))
    }

    @Test func `the last ten launches are shown, newest first`() throws {
        var launches = try #require(FrequentLaunches(Self.order(.fixedRate, every: "100"), now: Self.at(0)))
        for number in 0..<12 {
            _ = launches.launch(now: Self.at(Int64(number) * 100), time: Int64(number))
            _ = launches.ended(Int64(number + 1), Self.good, now: Self.at(Int64(number) * 100), time: Int64(number))
        }
        #expect(launches.details.map(\.number) == Array((3...12).reversed()))
        #expect(launches.details.allSatisfy { $0.status == 5 && $0.result == "ok" })
        #expect(launches.launched == 12 && launches.succeeded == 12)
    }

    @Test func `the next host goes on counting`() throws {
        var launches = try #require(FrequentLaunches(Self.order(.fixedRate, every: "100"), now: Self.at(0)))
        _ = launches.launch(now: Self.at(0), time: 0)
        _ = launches.ended(1, Self.bad, now: Self.at(1), time: 1)
        var next = try #require(
            FrequentLaunches(Self.order(.fixedRate, every: "100"), before: launches.counted, now: Self.at(0)))
        #expect(next.launch(now: Self.at(0), time: 0) == 2)
        #expect(next.failed == 1)
    }

    @Test(arguments: [nil, "", "0", "-5", "1 s", "99999999999999999999"])
    func `an order that does not say how often is none`(text: String?) {
        #expect(FrequentLaunches(Self.order(.fixedRate, every: text), now: Self.at(0)) == nil)
    }

    @Test func `an alert is given once`() throws {
        var launches = try #require(FrequentLaunches(Self.order(.fixedRate, every: "100"), now: Self.at(0)))
        _ = launches.launch(now: Self.at(0), time: 0)
        #expect(launches.ended(1, Self.bad, now: Self.at(1), time: 1) == true)
        #expect(launches.takeAlert() == "broken")
        #expect(launches.takeAlert() == nil)
    }

    // MARK: Alarms

    @Test func `so many failures in a window are an alarm, and then there is silence`() {
        let config = #"{"alertThreshold":3,"statisticWindowLen":60,"silenceWindowLen":300}"#
        var rule = AlarmRule(config: config, interval: .seconds(1))
        #expect(rule.fail(at: Self.second(0)) == false)
        #expect(rule.fail(at: Self.second(30)) == false)
        #expect(rule.fail(at: Self.second(61)) == false)
        #expect(rule.fail(at: Self.second(62)) == true)
        for second in 63..<100 { #expect(rule.fail(at: Self.second(Int64(second))) == false) }
        for second in [362, 363] { _ = rule.fail(at: Self.second(Int64(second))) }
        #expect(rule.fail(at: Self.second(364)) == true)
    }

    @Test func `a job that says nothing is alarmed about by its first failure`() {
        var rule = AlarmRule(config: nil, interval: .seconds(10))
        #expect(rule.window == .seconds(20) && rule.silence == .seconds(300))
        #expect(rule.fail(at: Self.second(0)) == true)
        #expect(rule.fail(at: Self.second(299)) == false)
        #expect(rule.fail(at: Self.second(300)) == true)
    }

    @Test(arguments: ["nonsense", "[]", #"{"alertThreshold":-3,"statisticWindowLen":"x"}"#])
    func `what cannot be read counts as not said`(config: String) {
        let rule = AlarmRule(config: config, interval: .milliseconds(100))
        #expect(rule.threshold == 1 && rule.window == .seconds(1))
    }

    // MARK: Shorthands

    private static let good = FrequentLaunches.Outcome(isSuccess: true, result: "ok")
    private static let bad = FrequentLaunches.Outcome(isSuccess: false, result: "broken")

    private static func at(_ millisecond: Int64) -> Instant { Instant(microseconds: 1_000_000 + millisecond * 1000) }
    private static func second(_ second: Int64) -> Instant { at(second * 1000) }

    private static func order(_ type: TimeType, every text: String?) -> InstanceOrder {
        var order = InstanceOrder(job: 5, instance: 9, processor: "p")
        order.timeType = type
        order.timeExpression = text
        return order
    }
}
