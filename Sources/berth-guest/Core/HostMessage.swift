import CGuestWire

/// What the host may ask, taken out of its frames and checked.
enum HostMessage {
    case setup(SetupOrder)
    case load(LoadOrder)
    case run(PendingAttempt)
    case cancel(slot: UInt32, call: UInt64, level: UInt32, reason: Int32)
    case answer(HostAnswer)
    case bye
}

/// What the guest is to do to itself before it loads anything.
struct SetupOrder {
    struct Place {
        var access: UInt8
        /// With its terminating NUL.
        var path: [UInt8]
    }

    var limits: gw_setup
    var places: [Place]
}

/// Which library to load, and what its `start` gets.
struct LoadOrder {
    /// With its terminating NUL.
    var path: [UInt8]
    var configuration: [UInt8]
    var secrets: [Secret]
    /// Only the descriptor is wanted.
    var isProbe: Bool

    struct Secret {
        var name: [UInt8]
        var value: [UInt8]
    }
}

/// An attempt the host sent and that has not started.
struct PendingAttempt {
    var call: UInt64
    var slot: UInt32
    var order: gw_run
    /// Job name, trace parent and params, one after the other.
    var texts: [UInt8]

    var jobEnd: Int { Int(order.job_length) }
    var traceEnd: Int { jobEnd + Int(order.trace_length) }
    /// Bytes that `texts` has once all pieces came.
    var wanted: Int { traceEnd + Int(order.params_length) }
}

/// What the host says to an attempt that asked for something.
struct HostAnswer {
    var slot: UInt32
    var call: UInt64
    var head: gw_answer
    var payload: [UInt8]
}
