import HTTPTypes
import Hummingbird
import Synchronization

/// Which methods the paths of the API take. May be used from any thread.
final class KnownRoutes: Sendable {
    private struct Route {
        /// Nil: whatever stands there.
        var parts: [String?]
        var method: HTTPRequest.Method
    }

    private let routes = Mutex<[Route]>([])

    func set<Context>(_ router: Router<Context>) {
        let known = router.routes.map { route in
            Route(parts: Self.parts("\(route.path)").map { $0.hasPrefix("{") ? nil : $0 }, method: route.method)
        }
        routes.withLock { $0 = known }
    }

    func methods(at path: String) -> [HTTPRequest.Method] {
        let parts = Self.parts(path)
        let found = routes.withLock { routes in
            routes.filter { route in
                route.parts.count == parts.count && zip(route.parts, parts).allSatisfy { $0 == nil || $0 == $1 }
            }
        }
        let methods = Set(found.map(\.method))
        // Whatever can be asked for can be asked for without its body.
        return methods.union(methods.contains(.get) ? [.head] : []).sorted { $0.rawValue < $1.rawValue }
    }

    private static func parts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
}
