#include "reading.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    char place[256];
    size_t depth; /* bytes of place in use */
    char *error;
    size_t size;
    jmp_buf stop;
};

int reading_try(void (*read)(reading *, const void *, description *), const void *source, description *out, char *error,
                size_t size) {
    reading r = {.error = error, .size = size};
    if (setjmp(r.stop) != 0) return 0;
    read(&r, source, out);
    return 1;
}

void refuse(reading *r, const char *format, ...) {
    int used = r->depth ? snprintf(r->error, r->size, "%s: ", r->place) : 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->error + used, r->size - (size_t)used, format, arguments);
    va_end(arguments);
    longjmp(r->stop, 1);
}

size_t enter(reading *r, const char *format, ...) {
    size_t depth = r->depth;
    if (depth && depth + 1 < sizeof r->place) r->place[r->depth++] = '.';
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(r->place + r->depth, sizeof r->place - r->depth, format, arguments);
    va_end(arguments);
    r->depth += (size_t)length < sizeof r->place - r->depth ? (size_t)length : sizeof r->place - r->depth - 1;
    return depth;
}

void leave(reading *r, size_t depth) {
    r->depth = depth;
    r->place[depth] = 0;
}

void *keep(reading *r, size_t size) {
    void *memory = calloc(1, size ? size : 1);
    if (!memory) refuse(r, "memory ran short");
    return memory;
}

const char *text_or_null(reading *r, json_value object, const char *key) {
    json_value value = json_member(object, key);
    if (value.kind == JSON_NONE || value.kind == JSON_NULL) return NULL;
    char *text = json_text(value);
    if (!text) refuse(r, "%s is %.*s, but must be a text; put it in quotes", key, (int)value.length, value.text);
    return text;
}

const char *need_text(reading *r, json_value object, const char *key) {
    const char *text = text_or_null(r, object, key);
    if (!text || !*text) refuse(r, "%s: is missing", key);
    return text;
}

int64_t integer_or(reading *r, json_value object, const char *key, int64_t otherwise) {
    json_value value = json_member(object, key);
    int64_t number = otherwise;
    if (value.kind != JSON_NONE && !json_integer(value, &number))
        refuse(r, "%s is %.*s, but must be a whole number", key, (int)value.length, value.text);
    return number;
}

const char *need_id(reading *r, json_value object) {
    const char *id = need_text(r, object, "id");
    size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (id[length] || length > 63 || !islower((unsigned char)id[0]))
        refuse(r, "the id \"%s\" must begin with a lower-case letter, then have at most 62 lower-case letters, digits or \"-\"", id);
    return id;
}

void known_members(reading *r, json_value object, const char *const *names) {
    json_value key, value;
    for (size_t position = 0; json_next(object, &position, &key, &value);) {
        const char *const *name = names;
        while (*name && !(strlen(*name) == key.length - 2 && strncmp(*name, key.text + 1, key.length - 2) == 0)) name++;
        if (!*name) refuse(r, "%.*s is unknown here", (int)key.length, key.text);
    }
}

int is_c_name(const char *text) {
    if (!isalpha((unsigned char)*text) && *text != '_') return 0;
    while (isalnum((unsigned char)*text) || *text == '_') text++;
    return *text == 0;
}
