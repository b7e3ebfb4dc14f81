#!/bin/sh
# abi.sh check|update [header] [listing]
# The plugin ABI only grows. `check` fails unless the committed listing says exactly what the compiler makes of the header;
# `update` writes the listing anew, and refuses to where anything in it would change rather than be added.
set -eu
here=$(dirname "$0")
action=$1
header=${2:-$here/../../Sources/CBerthPlugin/include/berth_plugin.h}
listing=${3:-$here/berth_plugin.abi}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk -f "$here/list.awk" "$header" >"$work/list.c"
cc -std=c11 -w -I"$(dirname "$header")" -o "$work/list" "$work/list.c"
"$work/list" >"$work/listing"

result=0
awk -f "$here/compare.awk" "$listing" "$work/listing" || result=$?
case "$action $result" in
"check 0") echo "berth_plugin.h: ABI: as listed" ;;
"check 3")
    echo "abi: the header has more than its listing: run 'make abi' and commit the listing with the header"
    exit 1
    ;;
"update 0") echo "abi: nothing to add" ;;
"update 3")
    cp "$work/listing" "$listing"
    echo "abi: listed what is new"
    ;;
*)
    echo "abi: plugins are built against what was there before: append, never move, remove or change"
    exit 1
    ;;
esac
