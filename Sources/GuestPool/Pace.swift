/// How often what takes the pool's thread an unknown time may be done: for a tenth of the time, so that the others are heard.
enum Pace {
    /// When something that was begun at this time and is done now may be done again; on the monotonic clock.
    static func next(after begun: Int64) -> Int64 {
        let now = Moment.now().monotonic
        return now + 10 * (now - begun)
    }
}
