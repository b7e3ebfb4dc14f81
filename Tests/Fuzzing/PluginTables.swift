private let check = StaticCheck()

/// What the host reads of a plugin's file without loading it, within the steps that it allows itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func readPluginFile(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let budget = ElfBudget()
    _ = try? check.judge(UnsafeRawBufferPointer(start: start, count: count), budget: budget)
    precondition(budget.spent <= ElfBudget.file + 1 << 18)
    return 0
}
