package import JobModel
import Synchronization

/// The params schema of a component, compiled when it is first asked for: a host that starts knows a thousand plugins, and
/// is asked for few of them at once.
package final class LazySchema: Sendable {
    private enum State {
        /// Was compiled by an earlier host without a fault.
        case text(ComponentDescriptor)
        case compiled(ParamsSchema?)
    }

    private let state: Mutex<State>
    /// False: no param of it is secret.
    let mayHaveSecrets: Bool

    package init(_ schema: ParamsSchema?) {
        state = Mutex(.compiled(schema))
        mayHaveSecrets = schema?.hasSecrets ?? false
    }

    init(known component: ComponentDescriptor) {
        state = Mutex(.text(component))
        mayHaveSecrets = Self.speaksOfSecrets(component.paramsSchema)
    }

    /// The same object each time; nil where there is nothing to check, to fill in or to hide.
    package var schema: ParamsSchema? {
        state.withLock { state in
            switch state {
            case .compiled(let schema): return schema
            case .text(let component):
                let schema = (try? component.compiledSchema()) ?? nil
                state = .compiled(schema)
                return schema
            }
        }
    }

    /// A backslash may spell the word in another way.
    private static func speaksOfSecrets(_ text: String) -> Bool {
        let word = Array("x-secret".utf8)
        var matched = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\\") { return true }
            matched = byte == word[matched] ? matched + 1 : byte == word[0] ? 1 : 0
            if matched == word.count { return true }
        }
        return false
    }
}
