/// Sizes for people: `12 B`, `3.4 MiB`.
enum ByteText {
    static func of(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var tenths = bytes * 10
        for unit in ["KiB", "MiB", "GiB"] {
            tenths /= 1024
            if tenths < 10_240 || unit == "GiB" { return "\(tenths / 10).\(tenths % 10) \(unit)" }
        }
        return "\(bytes) B"
    }
}
