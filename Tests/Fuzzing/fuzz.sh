#!/bin/sh
# libFuzzer on each reader of foreign bytes, for so many seconds: fuzz.sh SECONDS [READER ...], after a build for tests. Begins with
# Tests/Corpus/READER; what it finds stays in .build/fuzzing/READER, where the next run goes on. Ends with 1 when a reader failed.
set -eu
cd "$(dirname "$0")/../.."
seconds=$1
shift
swift=${SWIFTC:-swiftc}
built=.build/debug
out=.build/fuzzing
mkdir -p $out

echo '@_cdecl("LLVMFuzzerTestOneInput") public func none(_: UnsafePointer<UInt8>?, _: Int) -> CInt { 0 }' >$out/none.swift
if ! $swift -sanitize=fuzzer,address -parse-as-library $out/none.swift -o $out/none >/dev/null 2>&1 || ! $out/none -runs=1 >/dev/null 2>&1; then
    echo "FUZZ: this toolchain has no libFuzzer; readers are left to the seeded mutator of the tests."
    exit 0
fi

# The sources of one reader, optimised, with libFuzzer's counters in them and every access to memory checked; what they call is
# taken from the build, whose package is named for its folder.
package=$(basename "$PWD" | tr 'A-Z' 'a-z' | tr -c 'a-z0-9_\n' _)
fuzzer() {
    name=$1
    shift
    $swift -O -sanitize=fuzzer,address -use-ld=lld -parse-as-library -swift-version 6 -suppress-warnings -package-name "$package" \
        -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility \
        -I $built/Modules -I Sources/CGuestWire/include -Xcc -ISources/CBerthPlugin/include \
        -Xcc -fmodule-map-file=$built/CBerthPlugin.build/module.modulemap \
        -Xcc -fmodule-map-file=$built/CLinux.build/module.modulemap -module-name "$name" -o "$out/$reader/fuzzer" "$@"
}
build() {
    pool=Sources/GuestPool
    case $reader in
    guest-wire)
        fuzzer GuestCore Sources/berth-guest/Core/*.swift Tests/GuestCoreTests/FrameBytes.swift \
            Tests/Fuzzing/GuestFrames.swift ;;
    host-wire)
        fuzzer GuestPool $pool/FrameReader.swift $pool/GuestFrame.swift $pool/DescriptorReader.swift $pool/ChildReader.swift \
            $pool/AskReader.swift $pool/GuestAsk.swift $pool/ProtocolViolation.swift \
            Tests/GuestPoolTests/WireAnswer.swift Tests/Fuzzing/HostFrames.swift $built/JobModel.build/*.o ;;
    elf)
        fuzzer PluginCatalog Sources/PluginCatalog/*.swift Tests/Fuzzing/PluginTables.swift \
            $built/GuestPool.build/*.o $built/JobModel.build/*.o \
            $(find $built/Logging.build $built/CLinux.build $built/*Crypto*.build $built/CXKCP*.build -name '*.o') ;;
    esac
}

# A crash is libFuzzer's to report.
export SWIFT_BACKTRACE=enable=no
failed=0
for reader in ${*:-guest-wire host-wire elf}; do
    mkdir -p "$out/$reader/found"
    build
    echo "FUZZ $reader: libFuzzer, $seconds s"
    if ! "$out/$reader/fuzzer" "$out/$reader/found" "Tests/Corpus/$reader" -max_total_time="$seconds" -timeout=20 \
        -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -artifact_prefix="$out/$reader/" >"$out/$reader/log" 2>&1; then
        failed=1
        echo "FUZZ $reader: failed. Mend it, and put the input into Tests/Corpus/$reader:"
        grep -E 'ERROR|SUMMARY|Fatal error|Test unit written' "$out/$reader/log" || tail -20 "$out/$reader/log"
    fi
    grep -E 'stat::(number_of_executed_units|new_units_added|peak_rss_mb)' "$out/$reader/log" || true
done
exit $failed
