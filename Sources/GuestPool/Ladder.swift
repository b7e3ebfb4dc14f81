import JobModel

/// Ending an attempt step by step: asked, last call, SIGTERM, SIGKILL. Knows when the next step is due and what it is;
/// the guest takes it.
struct Ladder {
    enum Step {
        case ask, lastCall, terminate, kill
    }

    /// Between SIGTERM and SIGKILL.
    static let termination: Int64 = 50_000_000

    /// Between the last call and SIGTERM of an attempt whose end is hurried.
    static let hurriedGrace: Int64 = 250_000_000

    let reason: EndReason
    private(set) var steps: [EndingStep] = []
    /// Nil when every step was taken.
    private(set) var next: (step: Step, due: Int64)?
    private var grace: Int64

    /// SIGTERM was sent.
    var hasTerminated: Bool { steps.contains { $0.kind == .terminated } }

    /// Nothing has been done yet; the ask is due at this time, which may have passed.
    init(_ reason: EndReason, grace: Duration, due: Int64) {
        self.reason = reason
        self.grace = grace.nanoseconds
        next = (.ask, due)
    }

    /// The step that is due now, noted as taken.
    mutating func climb(at now: Moment) -> Step? {
        guard let (step, due) = next, due <= now.monotonic else { return nil }
        steps.append(EndingStep(step.kind, at: now.instant))
        next = following(step, due: due, now: now.monotonic)
        return step
    }

    /// Once it was asked: the last call comes now, and SIGTERM soon.
    mutating func hurry(at now: Moment) {
        switch next {
        case (.lastCall, let due)? where due > now.monotonic:
            next = (.lastCall, now.monotonic)
            grace = min(grace, now.monotonic - asked + Self.hurriedGrace)
        case (.terminate, let due)?: next = (.terminate, min(due, now.monotonic + Self.hurriedGrace))
        default: break
        }
    }

    mutating func note(_ kind: EndingStep.Kind, at now: Moment) {
        steps.append(EndingStep(kind, at: now.instant))
    }

    private var asked: Int64 = 0

    /// A busy host takes a step late; the next one makes up for it, as far as half of the time between them is left.
    private mutating func following(_ step: Step, due: Int64, now: Int64) -> (step: Step, due: Int64)? {
        switch step {
        case .ask:
            asked = max(due, now - grace / 2)
            return grace == 0 ? (.terminate, asked) : (.lastCall, asked + grace / 4 * 3)
        case .lastCall: return (.terminate, asked + grace)
        case .terminate: return (.kill, max(due, now - Self.termination / 2) + Self.termination)
        case .kill: return nil
        }
    }
}

extension Ladder.Step {
    var kind: EndingStep.Kind {
        switch self {
        case .ask: .asked
        case .lastCall: .lastCall
        case .terminate: .terminated
        case .kill: .killed
        }
    }
}
