/* A plugin that tells how it and its host see each other. Tests compile it against headers of other times. */
#include "berth_plugin.h"

#include <stdio.h>
#include <string.h>

static const berth_host *host;

static berth_status tell(berth_context *context, const char *component) {
    char text[256];
    int has_extension = 0, has_future = 0;
#ifndef CUT
    has_extension = BERTH_HAS(berth_host, host, extension) != 0;
#endif
#ifdef GROWN
    has_future = BERTH_HAS(berth_host, host, future) != 0;
#endif
    int length = snprintf(
        text, sizeof text, "{\"component\":\"%s\",\"host_has\":%u,\"knows\":%zu,\"extension\":%d,\"future\":%d}", component,
        host->struct_size, sizeof(berth_host), has_extension, has_future);
    return host->emit(context, text, (size_t)length, 0);
}

static berth_status first(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    return tell(context, "first");
}

static berth_status second(berth_context *context, void *self, const berth_input *input) {
    (void)self, (void)input;
    return tell(context, "second");
}

static const berth_handler handler = {.struct_size = sizeof(berth_handler), .execute = first};
static const berth_processor processor = {.struct_size = sizeof(berth_processor), .run = second};

/* Two of them: the second is found only by the first one's size. */
static const berth_component components[] = {
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "first", .vtable = &handler},
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_PROCESSOR, .id = "second", .title = "The second",
     .vtable = &processor},
};

BERTH_EXPORT berth_status
#ifdef ENTRY
    ENTRY
#else
    berth_plugin_v1
#endif
    (const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    /* No more than the host has room for. */
    berth_plugin mine;
    memset(&mine, 0, sizeof mine);
    mine.struct_size = out->struct_size;
    mine.abi_version = BERTH_ABI_VERSION;
    mine.id = "growth";
    mine.version = "1.0.0";
    mine.components = components;
    mine.component_count = 2;
    memcpy(out, &mine, sizeof mine < out->struct_size ? sizeof mine : out->struct_size);
    return BERTH_OK;
}
