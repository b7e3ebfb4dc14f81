@_exported public import CBerthPlugin

/// What a plugin is: its id, version and components. Made by the entry function, which answers the host with it.
public struct Plugin: Sendable {
    /// `[a-z][a-z0-9-]{0,62}`
    public var id: String
    /// Semantic version.
    public var version: String
    /// Who made it.
    public var vendor: String?
    /// At most 16 handlers, and at most 16 processors and runners together.
    public var components: [Component]

    /// Says nothing to the host yet: ``answer(_:_:)`` does.
    public init(id: String, version: String, vendor: String? = nil, components: [Component]) {
        self.id = id
        self.version = version
        self.vendor = vendor
        self.components = components
    }

    /// What the entry function returns. Gives the same answer when it is called again.
    public func answer(
        _ host: UnsafePointer<berth_host>, _ out: UnsafeMutablePointer<berth_plugin>
    ) -> berth_status {
        guard host.pointee.abi_version >> 16 == BERTH_ABI_MAJOR else { return BERTH_UNSUPPORTED }
        guard Registered.take(self, host) else { return BERTH_FAIL_CONFIG }
        out.pointee.abi_version = Registered.abiVersion
        out.pointee.id = Registered.id
        out.pointee.version = Registered.version
        out.pointee.vendor = Registered.vendor
        out.pointee.components = UnsafePointer(Registered.components.baseAddress)
        out.pointee.component_count = Registered.components.count
        return BERTH_OK
    }
}

/// What the host was told, and what its calls lead to. It is written by the entry function, which the host calls
/// before any attempt and on the thread that later makes the first one, and only read afterwards: that is why the
/// unsafe globals are safe.
enum Registered {
    static let abiVersion = BERTH_ABI_MAJOR << 16 | BERTH_ABI_MINOR

    nonisolated(unsafe) static var host: UnsafePointer<berth_host>?
    nonisolated(unsafe) static var handlers: [any Handler] = []
    nonisolated(unsafe) static var instances: [InstanceKind] = []
    nonisolated(unsafe) static var components = UnsafeMutableBufferPointer<berth_component>(start: nil, count: 0)
    nonisolated(unsafe) static var id: UnsafePointer<CChar>?
    nonisolated(unsafe) static var version: UnsafePointer<CChar>?
    nonisolated(unsafe) static var vendor: UnsafePointer<CChar>?

    /// False when the plugin has more components than there are slots.
    static func take(_ plugin: Plugin, _ host: UnsafePointer<berth_host>) -> Bool {
        guard self.host == nil else { return true }
        let described = plugin.components.compactMap(describe)
        guard described.count == plugin.components.count else { return false }
        components = .allocate(capacity: described.count)
        _ = components.initialize(from: described)
        id = endless(plugin.id)
        version = endless(plugin.version)
        vendor = plugin.vendor.flatMap(endless)
        self.host = host
        return true
    }

    /// The component as the host reads it, with a vtable of its own; nil when no slot is left.
    private static func describe(_ component: Component) -> berth_component? {
        switch component.kind {
        case .handler(let handler):
            guard handlers.count < handlerSlots.count else { return nil }
            handlers.append(handler)
            return component.descriptor(handlerTable(handlerSlots[handlers.count - 1]))
        case .processor(let type):
            guard instances.count < instanceSlots.count else { return nil }
            instances.append(.processor(type))
            return component.descriptor(processorTable(instanceSlots[instances.count - 1]))
        case .runner(let type):
            guard instances.count < instanceSlots.count else { return nil }
            instances.append(.runner(type))
            return component.descriptor(runnerTable(instanceSlots[instances.count - 1]))
        }
    }
}

/// A NUL-terminated copy that is never freed: descriptors live until the process ends.
func endless(_ text: String) -> UnsafePointer<CChar>? {
    let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
    _ = copy.initialize(from: text.utf8CString)
    return UnsafePointer(copy.baseAddress)
}

/// A copy of a struct that is never freed.
func endless<Value>(_ value: Value) -> UnsafeRawPointer {
    let copy = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    copy.initialize(to: value)
    return UnsafeRawPointer(copy)
}
