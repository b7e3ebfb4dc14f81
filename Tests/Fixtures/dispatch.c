/* What a server's instances are tried with: work of a length, failures, lines, results and a workflow's context. */
#include "berth_plugin.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const berth_host *host;

static berth_status say(berth_context *context, const char *text) { return host->emit(context, text, strlen(text), 0); }

static berth_status fail(berth_context *context, berth_status code, const char *text) {
    host->set_error(context, code, 0, text, strlen(text));
    return code;
}

/* For as many milliseconds as the first number among the params says, or until it is stopped. */
static berth_status work(berth_context *context, const void *params, size_t length) {
    char text[256] = {0};
    memcpy(text, params, length < sizeof text ? length : sizeof text - 1);
    const char *digits = strpbrk(text, "0123456789");
    struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
    if (poll(&stop, 1, digits ? atoi(digits) : 0) != 0) return BERTH_CANCELLED;
    return say(context, "\"settled 42 orders\"");
}

static berth_status third_time(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    berth_ids ids = {.struct_size = sizeof ids};
    host->ids(context, &ids);
    if (ids.start_number < 3) return fail(context, BERTH_RETRY, "not yet");
    return say(context, "{\"start\":3}");
}

static berth_status never(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    return fail(context, BERTH_RETRY, "disk full");
}

/* A thousand lines, of each level in turn. */
static berth_status talk(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    for (int i = 0; i < 1000; i++) {
        char line[32];
        int size = snprintf(line, sizeof line, "line %d", i);
        host->log(context, BERTH_LOG_DEBUG + i % 4, line, (size_t)size, NULL, 0);
    }
    return BERTH_OK;
}

static berth_status say_and_wait(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    host->log(context, BERTH_LOG_INFO, "begun", 5, NULL, 0);
    struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
    poll(&stop, 1, -1);
    return BERTH_CANCELLED;
}

static berth_status append(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    return say(context, "{\"rows\":42,\"workflow\":{\"file\":\"/out/a.csv\",\"rows\":42,\"tags\":[\"a\"]}}");
}

#define HANDLER(name) static const berth_handler name##_handler = {.struct_size = sizeof(berth_handler), .execute = name}
HANDLER(work);
HANDLER(third_time);
HANDLER(never);
HANDLER(talk);
HANDLER(say_and_wait);
HANDLER(append);

#define COMPONENT(name, text)                                                                                          \
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = text, .vtable = &name##_handler}

static const berth_component components[] = {
    {.struct_size = sizeof(berth_component),
     .kind = BERTH_KIND_HANDLER,
     .id = "work",
     .flags = BERTH_FLAG_COOPERATIVE,
     .vtable = &work_handler},
    COMPONENT(third_time, "third-time"),
    COMPONENT(never, "never"),
    COMPONENT(talk, "talk"),
    {.struct_size = sizeof(berth_component),
     .kind = BERTH_KIND_HANDLER,
     .id = "say-and-wait",
     .flags = BERTH_FLAG_COOPERATIVE,
     .vtable = &say_and_wait_handler},
    COMPONENT(append, "append"),
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "dispatch";
    out->version = "1.0.0";
    out->vendor = "berth tests";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
