/* Components with a params schema: what they are given comes back. VERSION and SCHEMA can be set by the test. */
#include "berth_plugin.h"

#include <stdio.h>
#include <string.h>

#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef SCHEMA
#define SCHEMA                                                                                                         \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"name\"],\"properties\":{"                    \
    "\"name\":{\"type\":\"string\",\"minLength\":1},"                                                                  \
    "\"times\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":10,\"default\":2},"                                     \
    "\"token\":{\"type\":\"string\",\"x-secret\":true}}}"
#endif

static const berth_host *host;

static berth_status echo(berth_context *context, const void *params, size_t length) {
    return host->emit(context, params, length, 0);
}

/* Says all it was given, everywhere it can, and fails. */
static berth_status tell(berth_context *context, const void *params, size_t length) {
    host->log(context, BERTH_LOG_INFO, params, length, NULL, 0);
    printf("%.*s\n", (int)length, (const char *)params);
    fflush(stdout);
    host->set_error(context, BERTH_FAIL, 0, params, length);
    return BERTH_FAIL;
}

static const berth_handler echo_handler = {.struct_size = sizeof(berth_handler), .execute = echo};
static const berth_handler tell_handler = {.struct_size = sizeof(berth_handler), .execute = tell};

static const berth_component components[] = {
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "echo", .params_schema = SCHEMA,
     .vtable = &echo_handler},
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "tell", .params_schema = SCHEMA,
     .vtable = &tell_handler},
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "params";
    out->version = VERSION;
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
