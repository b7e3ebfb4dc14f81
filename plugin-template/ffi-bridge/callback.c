#include "call.h"

#include <stdio.h>
#include <string.h>

static uint64_t whole_of(type_code type, const void *place) {
    double real;
    float narrow;
    uint64_t number = 0;
    if (type == TYPE_F64) return memcpy(&real, place, sizeof real), real > 0 ? (uint64_t)real : 0;
    if (type == TYPE_F32) return memcpy(&narrow, place, sizeof narrow), narrow > 0 ? (uint64_t)narrow : 0;
    memcpy(&number, place, type_size(type));
    return number;
}

/* The library's call: tells the run, and answers whether to go on. */
static void called(ffi_cif *cif, void *result, void **values, void *user) {
    (void)cif;
    const bound_callback *bound = user;
    const callback *it = bound->callback;
    const call *c = bound->call;
    uint64_t done = 0, total = 0;
    const char *text = NULL;
    for (size_t i = 0; i < it->argument_count; i++) {
        const argument *a = &it->arguments[i];
        if (a->role == ROLE_DONE) done = whole_of(a->type, values[i]);
        if (a->role == ROLE_TOTAL) total = whole_of(a->type, values[i]);
        if (a->role == ROLE_TEXT) memcpy(&text, values[i], sizeof text);
    }
    size_t length = text ? strnlen(text, 8192) : 0;
    if (it->reports_progress) c->host->progress(c->context, done, total, text, length);
    else c->host->log(c->context, BERTH_LOG_INFO, text ? text : "", length, NULL, 0);
    if (it->result == TYPE_VOID) return;
    int goes_on = c->host->cancel_state(c->context) == BERTH_RUN_ON;
    *(ffi_arg *)result = (ffi_arg)(goes_on ? it->returns : it->when_cancelled);
}

void *callback_make(call *c, const callback *it) {
    /* A call that is made again, with larger buffers, has its callbacks already. */
    for (size_t i = 0; i < c->callback_count; i++)
        if (c->callbacks[i].callback == it) return c->callbacks[i].code;
    bound_callback *bound = &c->callbacks[c->callback_count];
    *bound = (bound_callback){.call = c, .callback = it};
    bound->closure = ffi_closure_alloc(sizeof(ffi_closure), &bound->code);
    if (!bound->closure) return NULL;
    c->callback_count++;
    prepared_call *prepared = it->prepared;
    if (ffi_prep_closure_loc(bound->closure, &prepared->cif, called, bound, bound->code) != FFI_OK) return NULL;
    return bound->code;
}

void callbacks_free(call *c) {
    for (size_t i = 0; i < c->callback_count; i++)
        ffi_closure_free(c->callbacks[i].closure);
}
