/* Processors that crash elsewhere than in `run`. */
#include "berth_plugin.h"

static const berth_host *host;

static void crash(berth_context *context) {
    if (context) host->breadcrumb(context, "here", 4);
    *(volatile int *)8 = 1;
}

static berth_status init_crashes(berth_context *context, const void *params, size_t length, void **self) {
    (void)params, (void)length, (void)self;
    crash(context);
    return BERTH_OK;
}

static berth_status run(berth_context *context, void *self, const berth_input *input) {
    (void)context, (void)self, (void)input;
    return BERTH_OK;
}

static void destroy_crashes(void *self) {
    (void)self;
    crash(0);
}

static const berth_processor in_init = {.struct_size = sizeof(berth_processor), .init = init_crashes, .run = run};
static const berth_processor in_destroy = {
    .struct_size = sizeof(berth_processor), .run = run, .destroy = destroy_crashes};

static const berth_component components[] = {
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_PROCESSOR, .id = "in-init", .vtable = &in_init},
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_PROCESSOR, .id = "in-destroy", .vtable = &in_destroy},
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "places";
    out->version = "1.0.0";
    out->vendor = "berth tests";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
