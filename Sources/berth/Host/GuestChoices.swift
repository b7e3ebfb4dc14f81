import GuestPool

/// How the guests of a host differ from what its settings say.
struct GuestChoices {
    /// Given to every plugin; nil: as the settings' file has them.
    var grants: Grants?
    /// Guests wait for a debugger: see ``GuestPool/Configuration/debugger``.
    var debugger: String?
    /// Nothing is refused, and what would be is noted.
    var learner: Learner?
    /// For tests.
    var lacks = KernelLacks()
}
