/* A host for unit tests: loads a plugin file, runs its components as Berth's guest would, and keeps what they say. */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include "berth_plugin.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* One attempt, and what the component did in it. Zero it (or use fake_attempt()) before, fake_end() it after. */
struct berth_context {
    char *output;
    size_t output_length;
    char error[2049];
    berth_status error_code;
    uint32_t retry_after_ms;
    char breadcrumb[121];
    uint64_t progress_done, progress_total, progress_calls;
    int log_count;
    char log[8193]; /* the last line */
    int32_t log_level;
    int64_t deadline_ns; /* 0: none */
    atomic_int cancel_state;
    int cancel_descriptor;
    void (*on_cancel)(void *user, int32_t reason);
    void *on_cancel_user;
    /* While a processor or runner is busy: */
    _Atomic(void *) self;
    const berth_component *component;
};

static inline size_t fake_keep(char *kept, size_t size, const char *text, size_t length) {
    if (length >= size) length = size - 1;
    if (length) memcpy(kept, text, length);
    kept[length] = 0;
    return length;
}

static inline void fake_log(berth_context *c, int32_t level, const char *text, size_t length, const berth_field *fields,
                            size_t count) {
    (void)fields, (void)count;
    fake_keep(c->log, sizeof c->log, text, length);
    c->log_level = level;
    c->log_count++;
}

static inline int32_t fake_cancel_state(berth_context *c) { return atomic_load(&c->cancel_state); }

static inline int32_t fake_cancel_descriptor(berth_context *c) { return c->cancel_descriptor; }

static inline berth_status fake_on_cancel(berth_context *c, void (*function)(void *, int32_t), void *user) {
    c->on_cancel = function;
    c->on_cancel_user = user;
    if (atomic_load(&c->cancel_state)) function(user, BERTH_STOP_CANCEL);
    return BERTH_OK;
}

static inline int64_t fake_deadline(berth_context *c) { return c->deadline_ns ? c->deadline_ns : INT64_MAX; }

static inline int64_t fake_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t fake_monotonic(void) { return fake_clock(CLOCK_MONOTONIC); }

static inline int64_t fake_unix(void) { return fake_clock(CLOCK_REALTIME); }

static inline void fake_heartbeat(berth_context *c) { (void)c; }

static inline berth_status fake_extend(berth_context *c, uint32_t ms) {
    (void)c, (void)ms;
    return BERTH_UNSUPPORTED;
}

static inline void fake_progress(berth_context *c, uint64_t done, uint64_t total, const char *note, size_t length) {
    (void)note, (void)length;
    c->progress_done = done;
    c->progress_total = total;
    c->progress_calls++;
}

static inline void fake_breadcrumb(berth_context *c, const char *text, size_t length) {
    fake_keep(c->breadcrumb, sizeof c->breadcrumb, text, length);
}

static inline berth_status fake_emit(berth_context *c, const void *bytes, size_t length, uint32_t flags) {
    (void)flags;
    char *grown = realloc(c->output, c->output_length + length + 1);
    if (!grown) return BERTH_TOO_LARGE;
    c->output = grown;
    if (length) memcpy(grown + c->output_length, bytes, length);
    c->output_length += length;
    grown[c->output_length] = 0;
    return BERTH_OK;
}

static inline berth_status fake_emit_children(berth_context *c, const berth_child *children, size_t count) {
    (void)c, (void)children, (void)count;
    return BERTH_UNSUPPORTED;
}

static inline berth_status fake_next_result(berth_context *c, const void **bytes, size_t *length, berth_status *status) {
    (void)c, (void)bytes, (void)length, (void)status;
    return BERTH_UNSUPPORTED;
}

static inline berth_status fake_set_error(berth_context *c, berth_status code, uint32_t retry_after_ms, const char *text,
                                          size_t length) {
    fake_keep(c->error, sizeof c->error, text, length);
    c->error_code = code;
    c->retry_after_ms = retry_after_ms;
    return BERTH_OK;
}

static inline berth_status fake_ids(berth_context *c, berth_ids *out) {
    (void)c;
    out->start_number = 1;
    out->run = out->root_run = 42;
    out->job = "test";
    out->job_length = 4;
    out->traceparent = "";
    out->traceparent_length = 0;
    return BERTH_OK;
}

static inline berth_status fake_kv_get(berth_context *c, const char *key, size_t key_length, void *buffer, size_t *length,
                                       uint64_t *version) {
    (void)c, (void)key, (void)key_length, (void)buffer, (void)length, (void)version;
    return BERTH_UNSUPPORTED;
}

static inline berth_status fake_kv_put(berth_context *c, const char *key, size_t key_length, const void *value,
                                       size_t length, uint64_t if_version) {
    (void)c, (void)key, (void)key_length, (void)value, (void)length, (void)if_version;
    return BERTH_UNSUPPORTED;
}

static inline const void *fake_extension(const char *id) {
    (void)id;
    return NULL;
}

static const berth_host fake_host = {
    .struct_size = sizeof(berth_host),
    .abi_version = BERTH_ABI_VERSION,
    .name = "fake",
    .version = "0.0.0",
    .log = fake_log,
    .cancel_state = fake_cancel_state,
    .cancel_descriptor = fake_cancel_descriptor,
    .on_cancel = fake_on_cancel,
    .deadline_ns = fake_deadline,
    .monotonic_ns = fake_monotonic,
    .unix_ns = fake_unix,
    .heartbeat = fake_heartbeat,
    .extend = fake_extend,
    .progress = fake_progress,
    .breadcrumb = fake_breadcrumb,
    .emit = fake_emit,
    .emit_children = fake_emit_children,
    .next_result = fake_next_result,
    .set_error = fake_set_error,
    .ids = fake_ids,
    .kv_get = fake_kv_get,
    .kv_put = fake_kv_put,
    .extension = fake_extension,
};

/* Loads a plugin file; ends the test program when it is not one. */
static inline berth_plugin fake_load(const char *path) {
    berth_plugin plugin = {.struct_size = sizeof plugin};
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    berth_entry entry = NULL;
    if (library) *(void **)&entry = dlsym(library, BERTH_ENTRY_SYMBOL);
    if (entry && entry(&fake_host, &plugin) == BERTH_OK) return plugin;
    fprintf(stderr, "%s: %s\n", path, library && entry ? "the entry refused" : dlerror());
    exit(1);
}

/* The component with that id; ends the test program when there is none. */
static inline const berth_component *fake_find(const berth_plugin *plugin, const char *id) {
    const char *at = (const char *)plugin->components;
    for (size_t i = 0; i < plugin->component_count; i++, at += plugin->components->struct_size)
        if (strcmp(((const berth_component *)at)->id, id) == 0) return (const berth_component *)at;
    fprintf(stderr, "no component %s\n", id);
    exit(1);
}

static inline struct berth_context fake_attempt(void) {
    return (struct berth_context){.cancel_descriptor = eventfd(0, EFD_CLOEXEC)};
}

static inline void fake_end(struct berth_context *c) {
    free(c->output);
    close(c->cancel_descriptor);
    memset(c, 0, sizeof *c);
}

static inline berth_status fake_process(const berth_processor *v, berth_context *c, const char *params) {
    berth_input input = {
        .struct_size = sizeof input, .stage = BERTH_STAGE_SINGLE, .params = params, .params_length = strlen(params)};
    void *self = NULL;
    berth_status status = v->init ? v->init(c, params, strlen(params), &self) : BERTH_OK;
    if (status != BERTH_OK) return status;
    atomic_store(&c->self, self);
    status = v->run(c, self, &input);
    atomic_store(&c->self, NULL);
    if (v->destroy) v->destroy(self);
    return status;
}

static inline berth_status fake_work(const berth_runner *v, berth_context *c, const char *params) {
    void *self = NULL;
    berth_status status = v->parse_args ? v->parse_args(c, params, strlen(params), &self) : BERTH_OK;
    if (status != BERTH_OK) return status;
    if (v->set_timeout) v->set_timeout(self, 60000);
    atomic_store(&c->self, self);
    status = v->execute(c, self);
    atomic_store(&c->self, NULL);
    if (status == BERTH_OK && v->result) status = v->result(c, self);
    if (v->cleanup) v->cleanup(self);
    return status;
}

/* One attempt of any kind of component. */
static inline berth_status fake_run(const berth_plugin *plugin, const char *id, const char *params, berth_context *c) {
    c->component = fake_find(plugin, id);
    switch (c->component->kind) {
    case BERTH_KIND_HANDLER:
        return ((const berth_handler *)c->component->vtable)->execute(c, params, strlen(params));
    case BERTH_KIND_PROCESSOR: return fake_process(c->component->vtable, c, params);
    case BERTH_KIND_RUNNER: return fake_work(c->component->vtable, c, params);
    default: return BERTH_BAD_CALL;
    }
}

/* Asks the attempt to end (BERTH_STOP_ASKED) or says that time is nearly up (BERTH_LAST_CALL), from another thread. */
static inline void fake_ask(berth_context *c, int32_t state, int32_t reason) {
    atomic_store(&c->cancel_state, state);
    eventfd_write(c->cancel_descriptor, 1);
    if (c->on_cancel) c->on_cancel(c->on_cancel_user, reason);
    void *self = atomic_load(&c->self);
    if (!self) return;
    if (c->component->kind == BERTH_KIND_PROCESSOR) {
        const berth_processor *v = c->component->vtable;
        if (v->stop) v->stop(self, reason);
    } else if (c->component->kind == BERTH_KIND_RUNNER) {
        const berth_runner *v = c->component->vtable;
        if (state == BERTH_LAST_CALL && v->kill) v->kill(self);
        else if (v->stop) v->stop(self, reason);
    }
}

#endif
