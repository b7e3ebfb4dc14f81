#define _GNU_SOURCE
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct writer {
    reading *r;
    const char *seen[2 * MOST_ARGUMENTS]; /* params that have their property already */
    size_t seen_count;
    json_writer properties, required;
} writer;

static const char *param_of(const argument *it) {
    int is_param = it->binding == BIND_PARAM || it->binding == BIND_TEXT || it->binding == BIND_FILE;
    return is_param ? it->name : NULL;
}

static void put_range(json_writer *out, type_code type) {
    int bits = (int)type_size(type) * 8;
    json_put_raw(out, "\"type\":\"integer\",\"minimum\":");
    json_put_integer(out, type_is_signed(type) ? -(INT64_MAX >> (64 - bits)) - 1 : 0);
    json_put_raw(out, ",\"maximum\":");
    json_put_unsigned(out, type_is_signed(type) ? (uint64_t)INT64_MAX >> (64 - bits) : UINT64_MAX >> (64 - bits));
}

static void put_property(writer *w, const argument *it) {
    json_writer *out = &w->properties;
    json_put_raw(out, w->seen_count > 1 ? "," : "");
    json_put_string(out, it->name, strlen(it->name));
    json_put_raw(out, ":{");
    if (it->binding != BIND_PARAM || it->type == TYPE_CSTR) json_put_raw(out, "\"type\":\"string\"");
    else if (type_is_integer(it->type)) put_range(out, it->type);
    else json_put_raw(out, "\"type\":\"number\"");
    if (it->value.kind != JSON_NONE) {
        json_put_raw(out, ",\"default\":");
        for (size_t i = 0; i < it->value.length; i++) json_put_raw(out, (char[]){it->value.text[i], 0});
    }
    json_put_raw(out, "}");
}

static void add(writer *w, const argument *arguments, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *name = param_of(&arguments[i]);
        size_t known = 0;
        while (name && known < w->seen_count && strcmp(w->seen[known], name) != 0) known++;
        if (name && known == w->seen_count) {
            if (w->seen_count == sizeof w->seen / sizeof w->seen[0]) refuse(w->r, "there are too many params");
            w->seen[w->seen_count++] = name;
            put_property(w, &arguments[i]);
            if (arguments[i].value.kind == JSON_NONE) {
                json_put_raw(&w->required, w->required.length ? "," : "");
                json_put_string(&w->required, name, strlen(name));
            }
        }
        add(w, arguments[i].fields, arguments[i].field_count);
    }
}

const char *schema_of(reading *r, const component *it) {
    writer w = {.r = r};
    add(&w, it->arguments, it->argument_count);
    char *text = NULL;
    int is_short = w.properties.failed || w.required.failed;
    const char *head = "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[";
    int length = asprintf(&text, "%s%.*s],\"properties\":{%.*s}}", head, (int)w.required.length, w.required.bytes ? w.required.bytes : "", (int)w.properties.length,
                          w.properties.bytes ? w.properties.bytes : "");
    json_writer_free(&w.properties);
    json_writer_free(&w.required);
    if (length < 0 || is_short) refuse(r, "memory ran short");
    return text;
}
