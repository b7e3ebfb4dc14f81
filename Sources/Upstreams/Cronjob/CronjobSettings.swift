/// How this host is a worker of a cronjob server.
package struct CronjobSettings: Hashable, Sendable {
    package init() {}
}
