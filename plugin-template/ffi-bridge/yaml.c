#include "yaml.h"

#include <setjmp.h>
#include <string.h>

typedef struct reader {
    const char *at; /* start of what is not read yet */
    int line;
    int depth;
    json_writer *out;
    const char *error;
    jmp_buf stop;
} reader;

static _Noreturn void fail(reader *r, const char *error) {
    r->error = error;
    longjmp(r->stop, 1);
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static void skip_line(reader *r) {
    while (*r->at && *r->at != '\n') r->at++;
    if (*r->at == '\n') {
        r->at++;
        r->line++;
    }
}

/* Spaces and a comment up to the line's end; 1 when nothing else is there. */
static int at_line_end(reader *r) {
    const char *p = r->at;
    while (*p == ' ' || *p == '\r') p++;
    if (*p == '\t') fail(r, "a tab where spaces belong");
    int is_comment = *p == '#' && (p == r->at || p[-1] == ' ' || p[-1] == '\n');
    if (*p && *p != '\n' && !is_comment) return 0;
    r->at = p;
    return 1;
}

/* Moves to the next line that says something; its indentation, -1 at the end. `at` is left at the line's start. */
static int next_line(reader *r) {
    for (;;) {
        const char *start = r->at;
        int indent = 0;
        while (start[indent] == ' ') indent++;
        if (!start[indent]) return -1;
        r->at = start + indent;
        if (!at_line_end(r)) {
            r->at = start;
            return indent;
        }
        skip_line(r);
    }
}

/* ---- scalars ---------------------------------------------------------------------------------------------------- */

static void put_byte(json_writer *out, char c) {
    char bytes[2] = {c, 0};
    json_put_raw(out, bytes);
}

/* What follows a backslash between double quotes. */
static char escape_of(reader *r, char kind) {
    switch (kind) {
    case '"':
    case '\\':
    case '/': return kind;
    case 'n': return '\n';
    case 't': return '\t';
    default: fail(r, "an escape I do not know; there are \\n, \\t, \\\" and \\\\");
    }
}

/* A text in single or double quotes, decoded. */
static void read_quoted(reader *r, json_writer *text) {
    char quote = *r->at++;
    for (;;) {
        if (!*r->at || *r->at == '\n') fail(r, "a quoted text without its end on the same line");
        if (*r->at == quote) {
            r->at++;
            if (quote == '"' || *r->at != '\'') return;
            put_byte(text, '\'');
            r->at++;
        } else if (quote == '"' && *r->at == '\\') {
            put_byte(text, escape_of(r, r->at[1]));
            r->at += 2;
        } else {
            put_byte(text, *r->at++);
        }
    }
}

/* A plain scalar: its length without the spaces behind it. Flow containers end it earlier. */
static size_t plain_length(const char *at, int in_flow) {
    size_t length = 0;
    for (const char *p = at; *p && *p != '\n'; p++) {
        if (*p == '#' && p > at && p[-1] == ' ') break;
        if (*p == ':' && (p[1] == ' ' || p[1] == '\n' || !p[1] || (in_flow && strchr(",]}", p[1])))) break;
        if (in_flow && strchr(",[]{}", *p)) break;
        if (*p != ' ' && *p != '\r') length = (size_t)(p - at) + 1;
    }
    return length;
}

static int is_json_scalar(const char *text, size_t length) {
    json_value value;
    return json_parse(text, length, &value) && value.kind >= JSON_NULL && value.kind <= JSON_NUMBER;
}

static void put_plain(reader *r, size_t length) {
    if (strchr("&*!%@`|>~", *r->at)) fail(r, "a text that starts like this needs quotes");
    if (is_json_scalar(r->at, length))
        for (size_t i = 0; i < length; i++) put_byte(r->out, r->at[i]);
    else
        json_put_string(r->out, r->at, length);
    r->at += length;
}

static void put_quoted(reader *r) {
    json_writer text = {0};
    read_quoted(r, &text);
    json_put_string(r->out, text.bytes ? text.bytes : "", text.length);
    json_writer_free(&text);
}

/* ---- flow ------------------------------------------------------------------------------------------------------- */

/* Space, line ends and comments inside a flow container. */
static void skip_flow_space(reader *r) {
    while (at_line_end(r) && *r->at) skip_line(r);
    while (*r->at == ' ') r->at++;
}

static void read_flow(reader *r);

static void read_flow_key(reader *r) {
    if (*r->at == '"' || *r->at == '\'') {
        put_quoted(r);
    } else {
        size_t length = plain_length(r->at, 1);
        if (length == 0) fail(r, "a name is missing");
        json_put_string(r->out, r->at, length);
        r->at += length;
    }
    skip_flow_space(r);
    if (*r->at != ':') fail(r, "\":\" is missing after a name");
    r->at++;
    json_put_raw(r->out, ":");
}

static void read_flow_container(reader *r, char close) {
    if (++r->depth > 32) fail(r, "nested too deeply");
    put_byte(r->out, *r->at++);
    int count = 0;
    for (skip_flow_space(r); *r->at != close; skip_flow_space(r)) {
        if (!*r->at) fail(r, "a list or map in brackets has no end");
        if (count++) json_put_raw(r->out, ",");
        if (close == '}') read_flow_key(r);
        skip_flow_space(r);
        read_flow(r);
        skip_flow_space(r);
        if (*r->at == ',') r->at++;
        else if (*r->at != close) fail(r, "a comma or the closing bracket is missing");
    }
    put_byte(r->out, *r->at++);
    r->depth--;
}

static void read_flow(reader *r) {
    size_t length;
    if (*r->at == '[') read_flow_container(r, ']');
    else if (*r->at == '{') read_flow_container(r, '}');
    else if (*r->at == '"' || *r->at == '\'') put_quoted(r);
    else if ((length = plain_length(r->at, 1)) > 0) put_plain(r, length);
    else json_put_raw(r->out, "null");
}

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

static void read_block(reader *r, int indent);

/* The value behind "name:" or "-", on the same line or in the lines below, which are indented deeper than `parent` (a
 * list may stand as deep as its name). */
static void read_value(reader *r, int parent, int in_map) {
    while (*r->at == ' ') r->at++;
    if (at_line_end(r)) {
        skip_line(r);
        int indent = next_line(r);
        int is_list = indent >= 0 && r->at[indent] == '-' && (r->at[indent + 1] == ' ' || r->at[indent + 1] == '\n');
        if (indent > parent || (in_map && is_list && indent == parent)) read_block(r, indent);
        else json_put_raw(r->out, "null");
        return;
    }
    if (*r->at == '[' || *r->at == '{' || *r->at == '"' || *r->at == '\'') {
        read_flow(r);
    } else {
        size_t length = plain_length(r->at, 0);
        if (length == 0) fail(r, "a value is missing");
        put_plain(r, length);
    }
    if (!at_line_end(r)) fail(r, "there is more behind the value; a text with \": \" or \" #\" needs quotes");
    skip_line(r);
}

/* Is there "name:" at `at`? */
static int is_member(const char *at) {
    if (*at == '"' || *at == '\'') {
        const char *end = strchr(at + 1, *at);
        const char *line = strchr(at, '\n');
        return end && (!line || end < line) && end[1] == ':';
    }
    if (*at == '[' || *at == '{') return 0;
    size_t length = plain_length(at, 0);
    while (length && at[length] == ' ') length++;
    return length > 0 && at[length] == ':';
}

static void read_member(reader *r, int indent) {
    if (*r->at == '"' || *r->at == '\'') {
        put_quoted(r);
    } else {
        size_t length = plain_length(r->at, 0);
        json_put_string(r->out, r->at, length);
        r->at += length;
    }
    while (*r->at == ' ') r->at++;
    r->at++; /* ":" */
    json_put_raw(r->out, ":");
    read_value(r, indent, 1);
}

/* The members of a map whose names start in column `indent`; the reader stands at the first one's name. */
static void read_map(reader *r, int indent) {
    json_put_raw(r->out, "{");
    for (int count = 0;; count++) {
        if (count) json_put_raw(r->out, ",");
        if (!is_member(r->at)) fail(r, "\"name: value\" is expected here");
        read_member(r, indent);
        int next = next_line(r);
        if (next > indent) fail(r, "indented deeper than what it belongs to");
        if (next < indent) break;
        r->at += indent;
    }
    json_put_raw(r->out, "}");
}

static void read_list(reader *r, int indent) {
    json_put_raw(r->out, "[");
    for (int count = 0;; count++) {
        if (count) json_put_raw(r->out, ",");
        const char *dash = r->at;
        r->at++;
        while (*r->at == ' ') r->at++;
        if (!at_line_end(r) && is_member(r->at)) read_map(r, indent + (int)(r->at - dash));
        else read_value(r, indent, 0);
        int next = next_line(r);
        if (next > indent) fail(r, "indented deeper than what it belongs to");
        if (next < indent || r->at[indent] != '-') break;
        r->at += indent;
    }
    json_put_raw(r->out, "]");
}

/* A map, list or value whose first line is the reader's, indented by `indent`. */
static void read_block(reader *r, int indent) {
    if (++r->depth > 32) fail(r, "nested too deeply");
    r->at += indent;
    if (r->at[0] == '-' && (r->at[1] == ' ' || r->at[1] == '\n')) read_list(r, indent);
    else if (is_member(r->at)) read_map(r, indent);
    else read_value(r, indent - 1, 0);
    r->depth--;
}

int yaml_to_json(const char *text, json_writer *out, const char **error, int *line) {
    reader r = {.at = text, .line = 1, .out = out};
    if (setjmp(r.stop) == 0) {
        if (strncmp(r.at, "---", 3) == 0) skip_line(&r);
        int indent = next_line(&r);
        if (indent < 0) fail(&r, "nothing is said here");
        read_block(&r, indent);
        if (next_line(&r) >= 0) fail(&r, "this belongs to nothing above");
        if (out->failed) fail(&r, "memory ran short");
        return 1;
    }
    *error = r.error;
    *line = r.line;
    return 0;
}
