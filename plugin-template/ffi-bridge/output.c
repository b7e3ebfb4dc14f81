#define _GNU_SOURCE
#include "output.h"
#include "failure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void output_add(call *c, const char *name, type_code type, const void *place) {
    if (c->output_count < sizeof c->outputs / sizeof c->outputs[0])
        c->outputs[c->output_count++] = (output){.name = name, .type = type, .place = place};
}

/* With as few digits as say it exactly. Numbers that JSON cannot say become null. */
static void put_real(json_writer *out, double number, int is_single) {
    char text[64];
    if (!isfinite(number)) return json_put_raw(out, "null");
    for (int digits = is_single ? 6 : 15;; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (digits == 17 || (is_single ? (double)strtof(text, NULL) : strtod(text, NULL)) == number) break;
    }
    json_put_raw(out, text);
}

static void put_integer(json_writer *out, type_code type, const void *place) {
    uint64_t bits = 0;
    memcpy(&bits, place, type_size(type));
    int shift = 64 - (int)type_size(type) * 8;
    if (type_is_signed(type)) json_put_integer(out, (int64_t)(bits << shift) >> shift);
    else json_put_unsigned(out, bits);
}

static void put_value(json_writer *out, type_code type, const void *place) {
    double real;
    float narrow;
    const char *text;
    switch (type) {
    case TYPE_F64: return memcpy(&real, place, sizeof real), put_real(out, real, 0);
    case TYPE_F32: return memcpy(&narrow, place, sizeof narrow), put_real(out, (double)narrow, 1);
    case TYPE_CSTR:
        memcpy(&text, place, sizeof text);
        if (text) json_put_string(out, text, strlen(text));
        else json_put_raw(out, "null");
        return;
    default: return put_integer(out, type, place);
    }
}

static void put_name(json_writer *out, const char *name) {
    json_put_raw(out, out->length > 1 ? "," : "");
    json_put_string(out, name, strlen(name));
    json_put_raw(out, ":");
}

static void put_everything(json_writer *out, const call *c) {
    json_put_raw(out, "{");
    if (c->component->result_name) {
        put_name(out, c->component->result_name);
        put_value(out, c->component->result, &c->result);
    }
    for (size_t i = 0; i < c->output_count; i++) {
        put_name(out, c->outputs[i].name);
        put_value(out, c->outputs[i].type, c->outputs[i].place);
    }
    for (size_t i = 0; i < c->buffers.count; i++) {
        const buffer *it = &c->buffers.all[i];
        if (!it->is_output) continue;
        size_t length = buffer_length(it);
        put_name(out, it->name);
        json_put_string(out, (const char *)it->bytes, it->final ? length : strnlen((const char *)it->bytes, length));
    }
    json_put_raw(out, "}");
}

static berth_status emit(const call *c, const void *bytes, size_t length) {
    berth_status status = c->host->emit(c->context, bytes, length, 0);
    if (status == BERTH_TOO_LARGE)
        return failure(c->host, c->context, BERTH_FAIL, "the output has %zu bytes, more than the limit allows", length);
    return status;
}

berth_status output_emit(call *c) {
    if (c->component->emit) {
        const buffer *it = buffers_find(&c->buffers, c->component->emit);
        return emit(c, it->bytes, buffer_length(it));
    }
    json_writer out = {0};
    put_everything(&out, c);
    berth_status status = out.failed ? BERTH_RETRY : emit(c, out.bytes, out.length);
    json_writer_free(&out);
    return status;
}
