# Turns berth_plugin.h into a C program that prints its ABI as the compiler lays it out: constants, types, functions, and
# for every struct its size and for every member offset, size and declaration.

function trim(text) {
    gsub(/[ \t\n]+/, " ", text)
    sub(/^ /, "", text)
    sub(/ $/, "", text)
    return text
}

function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    gsub(/%/, "%%", text)
    return text
}

function say(text) { print "    printf(\"" quoted(text) "\\n\");" }

# The name that a member's declaration declares.
function name_of(declaration, start) {
    if (start = index(declaration, "(*")) {
        declaration = substr(declaration, start + 2)
        sub(/\).*/, "", declaration)
        return declaration
    }
    sub(/\[.*/, "", declaration)
    match(declaration, /[A-Za-z0-9_]+$/)
    return substr(declaration, RSTART)
}

function list(name, body, count, members, i, member, place) {
    print "    printf(\"struct " name " %zu\\n\", sizeof(" name "));"
    count = split(body, members, ";")
    for (i = 1; i <= count; i++) {
        if (!(member = trim(members[i]))) continue
        place = name ", " name_of(member)
        print "    printf(\"member " name " %zu %zu " quoted(member) "\\n\", offsetof(" place "), sizeof(((" name " *)0)->" \
            name_of(member) "));"
    }
}

{
    # Comments go first: they may hold anything.
    while (in_comment || index($0, "/*")) {
        if (!in_comment) {
            kept = kept substr($0, 1, index($0, "/*") - 1) " "
            $0 = substr($0, index($0, "/*") + 2)
            in_comment = 1
        }
        if (!index($0, "*/")) {
            $0 = ""
            break
        }
        $0 = substr($0, index($0, "*/") + 2)
        in_comment = 0
    }
    $0 = kept $0
    kept = ""
    if (in_comment && $0 == "") next
    if (continued || /^#/) {
        line = line $0
        if (continued = sub(/\\$/, "", line)) next
        if (line ~ /^#define BERTH_[A-Z0-9_]+[ \t]+[^ \t]/) constants[++constant_count] = trim(substr(line, 9))
        line = ""
        next
    }
    text = text " " $0
}

END {
    print "#include \"berth_plugin.h\"\n#include <stdio.h>\nint main(void) {"
    for (i = 1; i <= constant_count; i++) if (constants[i] !~ /^BERTH_EXPORT /) say("constant " constants[i])
    gsub(/extern "C" \{/, "", text)
    while (match(text, /[^;{}]*\{[^{}]*\}[^;]*;|[^;{}]+;/)) {
        statement = trim(substr(text, RSTART, RLENGTH))
        text = substr(text, RSTART + RLENGTH)
        if (statement ~ /^typedef struct [a-z_]+ \{/) {
            split(statement, words, " ")
            body = statement
            sub(/^[^{]*\{/, "", body)
            sub(/\}[^}]*$/, "", body)
            list(words[3], body)
        } else {
            sub(/;$/, "", statement)
            say("declaration " statement)
        }
    }
    print "    return 0;\n}"
}
