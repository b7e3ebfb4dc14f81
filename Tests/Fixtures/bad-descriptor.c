/* Its component's id breaks the rules. */
#include "berth_plugin.h"

static berth_status noop(berth_context *context, const void *params, size_t length) {
    (void)context, (void)params, (void)length;
    return BERTH_OK;
}

static const berth_handler handler = {.struct_size = sizeof(berth_handler), .execute = noop};
static const berth_component component = {
    .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "Not An Id", .vtable = &handler};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *host, berth_plugin *out) {
    (void)host;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "bad-descriptor";
    out->version = "1.0.0";
    out->components = &component;
    out->component_count = 1;
    return BERTH_OK;
}
