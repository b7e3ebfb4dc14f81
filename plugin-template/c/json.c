#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- checking --------------------------------------------------------------------------------------------------- */

typedef struct scanner {
    const char *at;
    const char *end;
    int depth;
} scanner;

static int scan_value(scanner *s);

static void skip_space(scanner *s) {
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) s->at++;
}

static int scan_char(scanner *s, char wanted) {
    if (s->at == s->end || *s->at != wanted) return 0;
    s->at++;
    return 1;
}

static int scan_word(scanner *s, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(s->end - s->at) < length || memcmp(s->at, word, length) != 0) return 0;
    s->at += length;
    return 1;
}

/* Length of the valid UTF-8 sequence at `at`, 0 when it is none (overlong forms and surrogates are none). */
static size_t utf8_length(const char *at, const char *end) {
    const unsigned char *b = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    if (left == 0) return 0;
    if (b[0] < 0x80) return 1;
    if (b[0] < 0xC2 || b[0] > 0xF4) return 0;
    size_t length = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    if (left < length) return 0;
    for (size_t i = 1; i < length; i++)
        if ((b[i] & 0xC0) != 0x80) return 0;
    if (b[0] == 0xE0 && b[1] < 0xA0) return 0;
    if (b[0] == 0xED && b[1] > 0x9F) return 0;
    if (b[0] == 0xF0 && b[1] < 0x90) return 0;
    if (b[0] == 0xF4 && b[1] > 0x8F) return 0;
    return length;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Four hex digits at `at`, -1 when they are not. */
static int32_t hex_unit(const char *at, const char *end) {
    if (end - at < 4) return -1;
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static int is_high_surrogate(int32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
static int is_low_surrogate(int32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/* The digits behind "\u", and the second half of a surrogate pair; halves alone are refused. */
static int scan_unicode_escape(scanner *s) {
    int32_t unit = hex_unit(s->at, s->end);
    if (unit < 0 || is_low_surrogate(unit)) return 0;
    s->at += 4;
    if (!is_high_surrogate(unit)) return 1;
    if (!scan_word(s, "\\u") || !is_low_surrogate(hex_unit(s->at, s->end))) return 0;
    s->at += 4;
    return 1;
}

static int scan_escape(scanner *s) {
    if (s->at == s->end) return 0;
    char kind = *s->at++;
    if (kind == 'u') return scan_unicode_escape(s);
    return kind != 0 && strchr("\"\\/bfnrt", kind) != NULL;
}

static int scan_string(scanner *s) {
    if (!scan_char(s, '"')) return 0;
    while (s->at < s->end && *s->at != '"') {
        if ((unsigned char)*s->at < 0x20) return 0;
        if (*s->at == '\\') {
            s->at++;
            if (!scan_escape(s)) return 0;
            continue;
        }
        size_t length = utf8_length(s->at, s->end);
        if (length == 0) return 0;
        s->at += length;
    }
    return scan_char(s, '"');
}

static int scan_digits(scanner *s) {
    const char *start = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') s->at++;
    return s->at > start;
}

static int scan_number(scanner *s) {
    scan_char(s, '-');
    if (!scan_char(s, '0') && !scan_digits(s)) return 0;
    if (scan_char(s, '.') && !scan_digits(s)) return 0;
    if (scan_char(s, 'e') || scan_char(s, 'E')) {
        if (!scan_char(s, '+')) scan_char(s, '-');
        return scan_digits(s);
    }
    return 1;
}

static int scan_member_name(scanner *s) {
    skip_space(s);
    if (!scan_string(s)) return 0;
    skip_space(s);
    return scan_char(s, ':');
}

static int scan_container(scanner *s, char close) {
    if (++s->depth > JSON_MAX_DEPTH) return 0;
    s->at++;
    skip_space(s);
    if (!scan_char(s, close)) {
        do {
            if (close == '}' && !scan_member_name(s)) return 0;
            if (!scan_value(s)) return 0;
        } while (scan_char(s, ','));
        if (!scan_char(s, close)) return 0;
    }
    s->depth--;
    return 1;
}

/* A value with the space around it. */
static int scan_value(scanner *s) {
    skip_space(s);
    if (s->at == s->end) return 0;
    int valid;
    switch (*s->at) {
    case '{': valid = scan_container(s, '}'); break;
    case '[': valid = scan_container(s, ']'); break;
    case '"': valid = scan_string(s); break;
    case 't': valid = scan_word(s, "true"); break;
    case 'f': valid = scan_word(s, "false"); break;
    case 'n': valid = scan_word(s, "null"); break;
    default: valid = scan_number(s); break;
    }
    skip_space(s);
    return valid;
}

static json_kind kind_of(char first) {
    switch (first) {
    case '{': return JSON_OBJECT;
    case '[': return JSON_ARRAY;
    case '"': return JSON_STRING;
    case 't':
    case 'f': return JSON_BOOL;
    case 'n': return JSON_NULL;
    default: return JSON_NUMBER;
    }
}

/* The value at the scanner, which moves behind it. */
static int take_value(scanner *s, json_value *out) {
    skip_space(s);
    const char *start = s->at;
    if (!scan_value(s)) return 0;
    const char *stop = s->at;
    while (stop > start && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\n' || stop[-1] == '\r')) stop--;
    *out = (json_value){.kind = kind_of(*start), .text = start, .length = (size_t)(stop - start)};
    return 1;
}

int json_parse(const void *bytes, size_t length, json_value *out) {
    *out = (json_value){.kind = JSON_NONE, .text = "", .length = 0};
    if (length == 0) return 0;
    scanner s = {.at = bytes, .end = (const char *)bytes + length, .depth = 0};
    json_value value;
    if (!take_value(&s, &value) || s.at != s.end) return 0;
    *out = value;
    return 1;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

int json_next(json_value container, size_t *position, json_value *key, json_value *value) {
    if (container.kind != JSON_ARRAY && container.kind != JSON_OBJECT) return 0;
    if (*position == 0) *position = 1;
    scanner s = {.at = container.text + *position, .end = container.text + container.length - 1, .depth = 0};
    json_value name = {.kind = JSON_NONE, .text = "", .length = 0};
    skip_space(&s);
    if (s.at == s.end) return 0;
    if (container.kind == JSON_OBJECT && (!take_value(&s, &name) || !scan_char(&s, ':'))) return 0;
    if (!take_value(&s, value)) return 0;
    scan_char(&s, ',');
    *position = (size_t)(s.at - container.text);
    if (key) *key = name;
    return 1;
}

static char *put_utf8(char *out, uint32_t scalar) {
    if (scalar < 0x80) {
        *out++ = (char)scalar;
    } else if (scalar < 0x800) {
        *out++ = (char)(0xC0 | scalar >> 6);
        *out++ = (char)(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *out++ = (char)(0xE0 | scalar >> 12);
        *out++ = (char)(0x80 | (scalar >> 6 & 0x3F));
        *out++ = (char)(0x80 | (scalar & 0x3F));
    } else {
        *out++ = (char)(0xF0 | scalar >> 18);
        *out++ = (char)(0x80 | (scalar >> 12 & 0x3F));
        *out++ = (char)(0x80 | (scalar >> 6 & 0x3F));
        *out++ = (char)(0x80 | (scalar & 0x3F));
    }
    return out;
}

/* Decodes the escape behind a backslash; returns what follows it. The text was checked before. */
static const char *decode_escape(const char *at, const char *end, char **out) {
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (*at != 'u') {
        *(*out)++ = meanings[strchr(names, *at) - names];
        return at + 1;
    }
    uint32_t scalar = (uint32_t)hex_unit(at + 1, end);
    at += 5;
    if (is_high_surrogate((int32_t)scalar)) {
        scalar = 0x10000 + ((scalar - 0xD800) << 10) + ((uint32_t)hex_unit(at + 2, end) - 0xDC00);
        at += 6;
    }
    *out = put_utf8(*out, scalar);
    return at;
}

char *json_text(json_value value) {
    if (value.kind != JSON_STRING) return NULL;
    char *text = malloc(value.length); /* never longer than its quoted form */
    if (!text) return NULL;
    char *out = text;
    const char *end = value.text + value.length - 1;
    for (const char *at = value.text + 1; at < end;) {
        if (*at == '\\')
            at = decode_escape(at + 1, end, &out);
        else
            *out++ = *at++;
    }
    *out = 0;
    if (strlen(text) == (size_t)(out - text)) return text;
    free(text);
    return NULL;
}

static int is_text(json_value value, const char *wanted) {
    size_t length = strlen(wanted);
    if (!memchr(value.text, '\\', value.length))
        return value.length == length + 2 && memcmp(value.text + 1, wanted, length) == 0;
    char *text = json_text(value);
    int same = text && strcmp(text, wanted) == 0;
    free(text);
    return same;
}

json_value json_member(json_value object, const char *key) {
    json_value found = {.kind = JSON_NONE, .text = "", .length = 0}, name, value;
    if (object.kind != JSON_OBJECT) return found;
    for (size_t position = 0; json_next(object, &position, &name, &value);)
        if (is_text(name, key)) found = value;
    return found;
}

int json_bool(json_value value, int *out) {
    if (value.kind != JSON_BOOL) return 0;
    *out = value.text[0] == 't';
    return 1;
}

/* strtoll and strtod want a NUL behind the digits, which a view does not have. */
static int copy_number(json_value value, char *buffer, size_t size) {
    if (value.kind != JSON_NUMBER || value.length >= size) return 0;
    memcpy(buffer, value.text, value.length);
    buffer[value.length] = 0;
    return 1;
}

int json_integer(json_value value, int64_t *out) {
    char digits[32], *end;
    if (!copy_number(value, digits, sizeof digits)) return 0;
    errno = 0;
    long long number = strtoll(digits, &end, 10);
    if (errno || *end) return 0;
    *out = number;
    return 1;
}

int json_real(json_value value, double *out) {
    char digits[512];
    if (!copy_number(value, digits, sizeof digits)) return 0;
    *out = strtod(digits, NULL);
    return 1;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static void put_bytes(json_writer *out, const char *bytes, size_t length) {
    if (out->failed) return;
    if (out->capacity - out->length < length) {
        size_t capacity = (out->capacity + length) * 2;
        char *grown = realloc(out->bytes, capacity);
        if (!grown) {
            out->failed = 1;
            return;
        }
        out->bytes = grown;
        out->capacity = capacity;
    }
    if (length) memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

void json_put_raw(json_writer *out, const char *text) { put_bytes(out, text, strlen(text)); }

static void put_control(json_writer *out, unsigned char c) {
    char escape[8];
    int length = snprintf(escape, sizeof escape, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\u%04x", c);
    put_bytes(out, escape, (size_t)length);
}

void json_put_escaped(json_writer *out, const char *text, size_t length) {
    const char *end = text + length;
    while (text < end) {
        size_t step = utf8_length(text, end);
        if (step == 0) {
            put_bytes(out, "\xEF\xBF\xBD", 3);
            step = 1;
        } else if (*text == '"' || *text == '\\') {
            put_bytes(out, *text == '"' ? "\\\"" : "\\\\", 2);
        } else if ((unsigned char)*text < 0x20) {
            put_control(out, (unsigned char)*text);
        } else {
            put_bytes(out, text, step);
        }
        text += step;
    }
}

void json_put_string(json_writer *out, const char *text, size_t length) {
    put_bytes(out, "\"", 1);
    json_put_escaped(out, text, length);
    put_bytes(out, "\"", 1);
}

void json_put_integer(json_writer *out, int64_t number) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, number);
    put_bytes(out, digits, (size_t)length);
}

void json_put_unsigned(json_writer *out, uint64_t number) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    put_bytes(out, digits, (size_t)length);
}

void json_writer_free(json_writer *out) {
    free(out->bytes);
    *out = (json_writer){0};
}
