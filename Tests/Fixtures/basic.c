/* A well-behaved plugin: one handler that echoes its params, one that does nothing, one that sleeps until asked. */
#include "berth_plugin.h"

#include <poll.h>

static const berth_host *host;

static berth_status echo(berth_context *context, const void *params, size_t length) {
    return host->emit(context, params, length, 0);
}

static berth_status noop(berth_context *context, const void *params, size_t length) {
    (void)context, (void)params, (void)length;
    return BERTH_OK;
}

static berth_status wait_for_stop(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
    poll(&stop, 1, -1);
    return BERTH_CANCELLED;
}

static const berth_handler echo_handler = {.struct_size = sizeof(berth_handler), .execute = echo};
static const berth_handler noop_handler = {.struct_size = sizeof(berth_handler), .execute = noop};
static const berth_handler wait_handler = {.struct_size = sizeof(berth_handler), .execute = wait_for_stop};

static const berth_component components[] = {
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "echo", .vtable = &echo_handler},
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "noop", .vtable = &noop_handler},
    {.struct_size = sizeof(berth_component),
     .kind = BERTH_KIND_HANDLER,
     .id = "wait",
     .flags = BERTH_FLAG_COOPERATIVE,
     .vtable = &wait_handler},
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "basic";
    out->version = "1.0.0";
    out->vendor = "berth tests";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
