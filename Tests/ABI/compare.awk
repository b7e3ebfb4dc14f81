# Compares two listings of the ABI, old and new. Ends with 0 where they are equal, 1 where something old has changed, and
# 3 where the new one only has more.

function wrong(what) {
    print "abi: " what
    broken = 1
}

FILENAME == ARGV[1] { old[++old_count] = $0 }
FILENAME == ARGV[2] { fresh[$0] = 1; fresh_count++ }
$1 == "struct" { size[FILENAME, $2] = $3 }
$1 == "member" {
    row = FILENAME SUBSEP $2
    members[row]++
    member[row, members[row]] = $0
    offset[row, members[row]] = $3
}
$1 == "constant" { value[FILENAME, $2] = $0 }

END {
    for (i = 1; i <= old_count; i++) {
        split(old[i], words, " ")
        if (words[1] == "member" || old[i] in fresh) continue
        if (words[1] == "struct") judge_struct(words[2])
        else if (words[2] != "BERTH_ABI_MINOR") wrong("\"" old[i] "\" is now \"" value[ARGV[2], words[2]] "\"")
    }
    for (i = 1; i <= old_count; i++) {
        split(old[i], words, " ")
        if (words[1] == "struct") judge_members(words[2])
    }
    if (broken) exit 1
    if (fresh_count != old_count) exit 3
    for (i = 1; i <= old_count; i++) if (!(old[i] in fresh)) exit 3
}

function judge_struct(name) {
    if (!((ARGV[2], name) in size)) wrong("struct " name " is gone")
    else if (size[ARGV[2], name] < size[ARGV[1], name]) wrong("struct " name " has shrunk")
}

function judge_members(name, before, after, i) {
    before = ARGV[1] SUBSEP name
    after = ARGV[2] SUBSEP name
    for (i = 1; i <= members[before]; i++)
        if (member[before, i] != member[after, i])
            return wrong("\"" member[before, i] "\" is now \"" member[after, i] "\"")
    if (members[after] == members[before]) return
    if (member[before, 1] !~ / struct_size$/) wrong("struct " name " cannot grow: it has no struct_size")
    if (offset[after, members[before] + 1] < size[ARGV[1], name])
        wrong("the member after the last one of " name " lies in what was padding before: an old plugin left it undefined")
}
