/// How a guest ends when it is not killed.
enum ExitCode {
    static let goodOrder: Int32 = 0
    static let failedToLoad: Int32 = 1
    static let hostGone: Int32 = 2
    static let breach: Int32 = 3
}
