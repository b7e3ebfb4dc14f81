/// The services of `berth_host`, by the order in the table.
enum Service: Int {
    case log, cancelState, cancelDescriptor, onCancel, deadline, monotonic, unix, heartbeat, extend, progress
    case breadcrumb, emit, emitChildren, nextResult, setError, ids, keyGet, keyPut, extensions

    static let count = 19

    var name: StaticString {
        switch self {
        case .log: "log"
        case .cancelState: "cancel_state"
        case .cancelDescriptor: "cancel_descriptor"
        case .onCancel: "on_cancel"
        case .deadline: "deadline_ns"
        case .monotonic: "monotonic_ns"
        case .unix: "unix_ns"
        case .heartbeat: "heartbeat"
        case .extend: "extend"
        case .progress: "progress"
        case .breadcrumb: "breadcrumb"
        case .emit: "emit"
        case .emitChildren: "emit_children"
        case .nextResult: "next_result"
        case .setError: "set_error"
        case .ids: "ids"
        case .keyGet: "kv_get"
        case .keyPut: "kv_put"
        case .extensions: "extension"
        }
    }

    /// Those that answer with a status and can therefore refuse. `cancel-fd-and-callback` looks at on_cancel and the
    /// descriptor.
    static let refusing: [Service] = [
        .emit, .setError, .ids, .extend, .keyGet, .keyPut, .emitChildren, .nextResult,
    ]
}

/// What a service is to answer instead of serving.
struct Fault {
    var service: Service
    /// Which of the attempt's calls to that service, from 1; 0: every one.
    var ordinal: Int
    var code: Int32
}
