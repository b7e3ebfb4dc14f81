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

/* Params of a child, or the result of one. */
typedef struct fake_part {
    char *bytes;
    size_t length;
    berth_status status;
} fake_part;

/* State that outlives attempts: kv_get and kv_put. Zero fake_kv_count to forget it. */
typedef struct fake_entry {
    char key[64], value[512];
    size_t length;
    uint64_t version;
} fake_entry;

static fake_entry fake_kv[32];
static size_t fake_kv_count;

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
    fake_part *children; /* what emit_children was given */
    size_t child_count;
    const fake_part *results; /* what next_result gives */
    size_t result_count, next_result;
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

static inline fake_part fake_copy(const void *bytes, size_t length) {
    fake_part part = {.bytes = (char *)calloc(1, length + 1), .length = length};
    if (part.bytes && length) memcpy(part.bytes, bytes, length);
    return part;
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
    const char *at = (const char *)children;
    for (size_t i = 0; i < count; i++, at += children->struct_size) {
        const berth_child *child = (const berth_child *)at;
        fake_part *grown = realloc(c->children, (c->child_count + 1) * sizeof *grown);
        if (!grown) return BERTH_AGAIN;
        c->children = grown;
        grown[c->child_count++] = fake_copy(child->params, child->params_length);
    }
    return BERTH_OK;
}

static inline berth_status fake_next_result(berth_context *c, const void **bytes, size_t *length, berth_status *status) {
    if (c->next_result == c->result_count) return BERTH_NOT_FOUND;
    const fake_part *part = &c->results[c->next_result++];
    *bytes = part->bytes;
    *length = part->length;
    *status = part->status;
    return BERTH_OK;
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

static inline fake_entry *fake_kv_find(const char *key, size_t length) {
    for (size_t i = 0; i < fake_kv_count; i++)
        if (strlen(fake_kv[i].key) == length && memcmp(fake_kv[i].key, key, length) == 0) return &fake_kv[i];
    return NULL;
}

static inline berth_status fake_kv_get(berth_context *c, const char *key, size_t key_length, void *buffer, size_t *length,
                                       uint64_t *version) {
    (void)c;
    const fake_entry *entry = fake_kv_find(key, key_length);
    if (!entry) return BERTH_NOT_FOUND;
    size_t room = *length;
    *length = entry->length;
    if (version) *version = entry->version;
    if (entry->length > room) return BERTH_TOO_LARGE;
    memcpy(buffer, entry->value, entry->length);
    return BERTH_OK;
}

static inline berth_status fake_kv_put(berth_context *c, const char *key, size_t key_length, const void *value,
                                       size_t length, uint64_t if_version) {
    (void)c;
    fake_entry *entry = fake_kv_find(key, key_length);
    if (entry ? if_version != UINT64_MAX && if_version != entry->version : if_version != 0 && if_version != UINT64_MAX)
        return BERTH_CONFLICT;
    if (key_length >= sizeof entry->key || length > sizeof entry->value) return BERTH_TOO_LARGE;
    if (!entry && fake_kv_count == sizeof fake_kv / sizeof fake_kv[0]) return BERTH_AGAIN;
    if (!entry) entry = &fake_kv[fake_kv_count++];
    fake_keep(entry->key, sizeof entry->key, key, key_length);
    memcpy(entry->value, value, length);
    entry->length = length;
    entry->version++;
    return BERTH_OK;
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
    for (size_t i = 0; i < c->child_count; i++) free(c->children[i].bytes);
    free(c->children);
    free(c->output);
    close(c->cancel_descriptor);
    memset(c, 0, sizeof *c);
}

#include "fake_run.h"

#endif
