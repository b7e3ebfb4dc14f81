/// The names a library shows to others, and those it has to find in others, without those it can do without.
struct ElfSymbolNames: Hashable, Sendable {
    var exported: Set<String> = []
    var undefined: Set<String> = []

    /// Libraries export far more than they need: who asks only for that, spares the time.
    init(
        _ bytes: ElfBytes, _ symbols: (start: UInt64, count: UInt64), _ names: Range<UInt64>, exported all: Bool = true
    ) throws(Rejection) {
        for row in 1..<max(1, symbols.count) {
            let symbol = try ElfSymbol(bytes, at: symbols.start + row * ElfSymbol.size)
            guard symbol.isVisible, symbol.isDefined ? all : !symbol.isWeak,
                let place = ElfBytes.sum(names.lowerBound, symbol.name)
            else { continue }
            let name = try bytes.text(at: place, end: names.upperBound)
            if symbol.isDefined { exported.insert(name) } else { undefined.insert(name) }
        }
    }
}
