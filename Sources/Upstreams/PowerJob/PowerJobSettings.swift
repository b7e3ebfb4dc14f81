/// How this host is a worker of a PowerJob cluster.
package struct PowerJobSettings: Hashable, Sendable {
    package init() {}
}
