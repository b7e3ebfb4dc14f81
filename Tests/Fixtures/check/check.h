/* What the fixtures of the checks share: each is a plugin that is right in everything but one thing. */
#ifndef CHECK_H
#define CHECK_H

#define _GNU_SOURCE
#include "berth_plugin.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const berth_host *host __attribute__((unused));

#define UNUSED __attribute__((unused))
#define EXECUTE(name) static berth_status name(berth_context *context UNUSED, const void *params UNUSED, size_t length UNUSED)

#define HANDLER(function, ...)                                                                                         \
    {                                                                                                                  \
        .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "it",                                \
        .vtable = &(const berth_handler){.struct_size = sizeof(berth_handler), .execute = function}, __VA_ARGS__       \
    }
#define PROCESSOR(table, ...)                                                                                          \
    {                                                                                                                  \
        .struct_size = sizeof(berth_component), .kind = BERTH_KIND_PROCESSOR, .id = "it", .vtable = &table,            \
        __VA_ARGS__                                                                                                    \
    }
#define RUNNER(table, ...)                                                                                             \
    {                                                                                                                  \
        .struct_size = sizeof(berth_component), .kind = BERTH_KIND_RUNNER, .id = "it", .vtable = &table, __VA_ARGS__   \
    }

/* What a right entry does, for those whose fault is elsewhere. */
static inline berth_status describe(const berth_host *given, berth_plugin *out, const berth_component *component) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "fixture";
    out->version = "1.0.0";
    out->components = component;
    out->component_count = 1;
    return BERTH_OK;
}

#define PLUGIN(...)                                                                                                    \
    static const berth_component component = __VA_ARGS__;                                                              \
    BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {                            \
        return describe(given, out, &component);                                                                       \
    }

static inline berth_status fail(berth_context *context, berth_status code, const char *text) {
    host->set_error(context, code, 0, text, strlen(text));
    return code;
}

/* Waits until asked to stop, at most so long. */
static inline int wait_for_stop(berth_context *context, int milliseconds) {
    for (int waited = 0; waited < milliseconds; waited++) {
        if (host->cancel_state(context) != BERTH_RUN_ON) return 1;
        poll(NULL, 0, 1);
    }
    return 0;
}

EXECUTE(fine) __attribute__((unused));
EXECUTE(fine) { return BERTH_OK; }

#endif
