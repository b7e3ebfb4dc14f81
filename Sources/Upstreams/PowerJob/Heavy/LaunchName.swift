/// What the dispatch of one launch is called: the instance's number and its own. The name of a server's instance has no
/// dot.
struct LaunchName: Hashable {
    var instance: Int64
    var launch: Int64

    init(instance: Int64, launch: Int64) {
        self.instance = instance
        self.launch = launch
    }

    /// Nil when it is no such name.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let instance = Int64(parts[0]), let launch = Int64(parts[1]), launch > 0 else {
            return nil
        }
        self.init(instance: instance, launch: launch)
    }

    var text: String { "\(instance).\(launch)" }
}
