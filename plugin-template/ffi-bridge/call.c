#include "call.h"
#include "buffers.h"
#include "failure.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>

/* ---- what libffi needs to know, once for each function ----------------------------------------------------------- */

static ffi_type *const ffi_types[] = {&ffi_type_void,   &ffi_type_sint8,  &ffi_type_uint8,  &ffi_type_sint16,
                                      &ffi_type_uint16, &ffi_type_sint32, &ffi_type_uint32, &ffi_type_sint64,
                                      &ffi_type_uint64, &ffi_type_float,  &ffi_type_double, &ffi_type_pointer,
                                      &ffi_type_pointer};

static prepared_call *prepare(type_code result, const argument *arguments, size_t count) {
    prepared_call *it = calloc(1, sizeof *it);
    if (!it) return NULL;
    for (size_t i = 0; i < count; i++) it->types[i] = ffi_types[arguments[i].type];
    if (ffi_prep_cif(&it->cif, FFI_DEFAULT_ABI, (unsigned)count, ffi_types[result], it->types) == FFI_OK) return it;
    free(it);
    return NULL;
}

void *call_prepare(const component *it, const char **error) {
    prepared_call *function = prepare(it->result, it->arguments, it->argument_count);
    int is_good = function != NULL;
    for (size_t i = 0; is_good && i < it->argument_count; i++) {
        callback *back = it->arguments[i].callback;
        if (back) is_good = (back->prepared = prepare(back->result, back->arguments, back->argument_count)) != NULL;
    }
    *error = is_good ? NULL : "libffi cannot describe this function";
    return function;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static void store_integer(void *place, type_code type, uint64_t number) { memcpy(place, &number, type_size(type)); }

static void store_real(void *place, type_code type, double number) {
    float narrow = (float)number;
    memcpy(place, type == TYPE_F32 ? (void *)&narrow : (void *)&number, type_size(type));
}

/* A number, text or null; 0 when it does not fit. */
static int store_json(call *c, void *place, type_code type, json_value value) {
    if (!value_fits(type, value)) return 0;
    if (type == TYPE_CSTR || type == TYPE_PTR) {
        char *text = value.kind == JSON_STRING ? buffers_keep(&c->buffers, json_text(value)) : NULL;
        memcpy(place, &text, sizeof text);
        return value.kind != JSON_STRING || text != NULL;
    }
    double real;
    if (!type_is_integer(type)) {
        if (json_real(value, &real)) store_real(place, type, real);
        return 1;
    }
    int64_t number = 0;
    char digits[32] = {0};
    memcpy(digits, value.text, value.length);
    if (!json_integer(value, &number)) number = (int64_t)strtoull(digits, NULL, 10);
    store_integer(place, type, (uint64_t)number);
    return 1;
}

static berth_status store_param(call *c, void *place, const argument *it) {
    json_value value = json_member(c->params, it->name);
    if (value.kind == JSON_NONE || value.kind == JSON_NULL) value = it->value;
    if (value.kind == JSON_NONE) return failure(c->host, c->context, BERTH_FAIL_PARAMS, "\"%s\" is missing", it->name);
    if (store_json(c, place, it->type, value)) return BERTH_OK;
    return failure(c->host, c->context, BERTH_FAIL_PARAMS, "\"%s\" is %.*s, which is no %s", it->name,
                   (int)(value.length < 80 ? value.length : 80), value.text, type_name(it->type));
}

static berth_status store_pointer(void *place, const void *pointer) {
    memcpy(place, &pointer, sizeof pointer);
    return BERTH_OK;
}

static berth_status store(call *c, void *place, const argument *it);

static berth_status store_struct(call *c, void *place, const argument *it) {
    unsigned char *fields = buffers_keep(&c->buffers, calloc(1, it->size));
    if (!fields) return BERTH_RETRY;
    for (size_t i = 0; i < it->field_count; i++) {
        const argument *field = &it->fields[i];
        if (field->binding == BIND_OUT) {
            output_add(c, field->name, field->type, fields + field->offset);
            continue;
        }
        berth_status status = store(c, fields + field->offset, field);
        if (status != BERTH_OK) return status;
    }
    return store_pointer(place, fields);
}

static berth_status store_cell(call *c, void *place, const argument *it, uint64_t initial) {
    void *cell = buffers_keep(&c->buffers, calloc(1, 8));
    if (!cell) return BERTH_RETRY;
    if (it->binding == BIND_IN_OUT) {
        store_integer(cell, it->pointed, initial);
        buffer *known = buffers_find(&c->buffers, it->name);
        known->final = cell;
        known->final_type = it->pointed;
    } else {
        output_add(c, it->name, it->pointed, cell);
    }
    return store_pointer(place, cell);
}

static berth_status store(call *c, void *place, const argument *it) {
    const buffer *known = it->name ? buffers_find(&c->buffers, it->name) : NULL;
    switch (it->binding) {
    case BIND_PARAM: return store_param(c, place, it);
    case BIND_VALUE: store_json(c, place, it->type, it->value); return BERTH_OK;
    case BIND_TEXT:
    case BIND_FILE:
    case BIND_OUTPUT: return store_pointer(place, known->bytes);
    case BIND_LENGTH:
    case BIND_CAPACITY:
        if (type_size(it->type) < 8 && known->capacity >> (type_size(it->type) * 8 - (size_t)type_is_signed(it->type)))
            return failure(c->host, c->context, BERTH_FAIL_INPUT, "\"%s\" has %zu bytes, more than a %s can say", it->name,
                           known->capacity, type_name(it->type));
        store_integer(place, it->type, known->capacity);
        return BERTH_OK;
    case BIND_IN_OUT: return store_cell(c, place, it, known->capacity);
    case BIND_OUT: return store_cell(c, place, it, 0);
    case BIND_STRUCT: return store_struct(c, place, it);
    case BIND_CALLBACK: {
        void *code = callback_make(c, it->callback);
        return code ? store_pointer(place, code) : failure(c->host, c->context, BERTH_RETRY, "no callback can be made");
    }
    default: return BERTH_FAIL;
    }
}

/* ---- the call ----------------------------------------------------------------------------------------------------- */

/* A result as a number. Narrow ones come as a whole ffi_arg. */
static int64_t integer_of(type_code type, const void *place) {
    if (type != TYPE_PTR && type != TYPE_CSTR && !type_is_integer(type)) return 0;
    ffi_arg wide;
    memcpy(&wide, place, sizeof wide);
    if (type >= TYPE_PTR || type_size(type) == 8) return (int64_t)wide;
    int shift = 64 - (int)type_size(type) * 8;
    return type_is_signed(type) ? (int64_t)(wide << shift) >> shift : (int64_t)(wide << shift >> shift);
}

static berth_status call_once(call *c, void (*function)(void)) {
    void *values[MOST_ARGUMENTS];
    uint64_t cells[MOST_ARGUMENTS] = {0};
    c->output_count = 0;
    buffers_forget(&c->buffers);
    for (size_t i = 0; i < c->component->argument_count; i++) {
        values[i] = &cells[i];
        berth_status status = store(c, values[i], &c->component->arguments[i]);
        if (status != BERTH_OK) return status;
    }
    c->host->breadcrumb(c->context, c->component->function, strlen(c->component->function));
    memset(&c->result, 0, sizeof c->result);
    ffi_call(&c->function->cif, FFI_FN(function), &c->result, values);
    if (buffers_are_whole(&c->buffers)) return BERTH_OK;
    return failure(c->host, c->context, BERTH_FAIL, "%s wrote beyond a buffer it was given: the description is wrong",
                   c->component->function);
}

static int is_listed(json_value list, int64_t number) {
    json_value element;
    int64_t listed;
    for (size_t position = 0; json_next(list, &position, NULL, &element);)
        if (json_integer(element, &listed) && listed == number) return 1;
    return 0;
}

static int is_success(const component *it, int64_t number) {
    switch (it->success) {
    case OK_EQUALS: return number == it->ok;
    case OK_NONNEGATIVE: return number >= 0;
    case OK_NONNULL: return number != 0;
    default: return 1;
    }
}

static berth_status refused(const call *c, int64_t number) {
    char key[32];
    snprintf(key, sizeof key, "%lld", (long long)number);
    char *reason = json_text(json_member(c->component->errors, key));
    berth_status code = is_listed(c->component->retry, number) ? BERTH_RETRY : BERTH_FAIL;
    if (c->host->cancel_state(c->context) != BERTH_RUN_ON)
        code = c->host->monotonic_ns() < c->host->deadline_ns(c->context) ? BERTH_CANCELLED : BERTH_TIMED_OUT;
    code = reason ? failure(c->host, c->context, code, "%s (%s returned %s)", reason, c->component->function, key)
                  : failure(c->host, c->context, code, "%s returned %s", c->component->function, key);
    free(reason);
    return code;
}

/* Calls until the outputs have room for what the function wants to write. */
static berth_status call_all(call *c, void (*function)(void)) {
    for (;;) {
        berth_status status = call_once(c, function);
        if (status != BERTH_OK) return status;
        int64_t number = integer_of(c->component->result, &c->result);
        if (is_success(c->component, number)) return output_emit(c);
        if (!c->component->grows || number != c->component->grow) return refused(c, number);
        if (c->host->cancel_state(c->context) != BERTH_RUN_ON) return refused(c, number);
        if (!buffers_grow(&c->buffers)) return failure(c->host, c->context, BERTH_FAIL, "the output is larger than 1 GiB");
    }
}

berth_status call_run(const berth_host *host, berth_context *context, const component *it, void *prepared,
                      void (*function)(void), json_value params) {
    call c = {.host = host, .context = context, .component = it, .params = params, .function = prepared};
    berth_status status = buffers_fill(&c.buffers, host, context, params, it->arguments, it->argument_count);
    if (status == BERTH_OK) status = call_all(&c, function);
    callbacks_free(&c);
    buffers_free(&c.buffers);
    return status;
}
