/// What is to be run after a run has ended.
package struct FollowUp: Hashable, Sendable, Codable {
    package enum Target: Hashable, Sendable, Codable, CustomStringConvertible {
        /// `plugin-id/component-id`; need not be loaded.
        case component(String)
        /// By name.
        case job(String)

        package var description: String {
            switch self {
            case .component(let name): "component \(name)"
            case .job(let name): "job \"\(name)\""
            }
        }
    }

    package var target: Target
    /// JSON text, an object. Nil: those of the job, or none.
    package var params: String?

    package init(_ target: Target, params: String? = nil) {
        self.target = target
        self.params = params
    }

    /// Follow-ups of follow-ups in a row, so that jobs which name each other do not go on for ever.
    package static let mostInARow = 100
}
