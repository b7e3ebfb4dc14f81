import BerthPlugin

/// The one function the host looks for.
@c(berth_plugin_v1)
public func entry(_ host: UnsafePointer<berth_host>, _ out: UnsafeMutablePointer<berth_plugin>) -> berth_status {
    Plugin(
        id: "checksum", version: "1.0.0", vendor: "berth",
        components: [
            Component(
                "manifest", .processor(Manifest.self), title: "SHA-256 of every file below a folder",
                paramsSchema: """
                    {"type":"object","required":["path"],"additionalProperties":false,
                     "properties":{"path":{"type":"string","minLength":1}}}
                    """,
                flags: .cooperative),
            Component(
                "verify", .processor(Verify.self), title: "Compares a folder with a manifest",
                paramsSchema: """
                    {"type":"object","required":["path","manifest"],"additionalProperties":false,
                     "properties":{"path":{"type":"string","minLength":1},
                     "manifest":{"oneOf":[{"type":"string","minLength":1},{"type":"object"}]}}}
                    """,
                flags: .cooperative),
        ]
    ).answer(host, out)
}
