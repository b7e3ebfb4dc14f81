import CLinux
import Glibc

/// Runs a closure on a thread of its own.
enum PoolThread {
    private final class Box {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    static func start(_ name: StaticString, _ body: @escaping @Sendable () -> Void) throws(GuestPoolError) {
        let box = Unmanaged.passRetained(
            Box {
                name.withUTF8Buffer { berth_name_thread(String(decoding: $0, as: UTF8.self)) }
                body()
            })
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw .system(call: "pthread_create", code: code)
        }
        pthread_detach(thread)
    }
}
