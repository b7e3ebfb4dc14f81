import Testing

struct LogLimiterTests {
    @Test func `A thousand lines pass in a second and the rest is counted`() {
        var limiter = LogLimiter()
        var admitted = 0
        for line in 0..<1500 where limiter.admits(at: 5_000_000_000 + Int64(line)) {
            admitted += 1
        }
        #expect(admitted == 1000)
        #expect(limiter.dropped == 500)
    }

    @Test func `The next second is open again`() {
        var limiter = LogLimiter()
        for _ in 0..<1001 { _ = limiter.admits(at: 0) }
        let atTheEnd = limiter.admits(at: 999_999_999)
        let inTheNext = limiter.admits(at: 1_000_000_000)
        #expect(!atTheEnd)
        #expect(inTheNext)
        #expect(limiter.dropped == 2)
    }
}
