#include "bridge.h"
#include "failure.h"

#include <stdlib.h>
#include <string.h>

static const berth_host *host;
static description described;
static berth_component components[MOST_COMPONENTS];
static void *prepared[MOST_COMPONENTS];
static int operator_consents;

berth_status bridge_run(size_t number, berth_context *context, const void *params, size_t length) {
    const component *it = &described.components[number];
    if (described.unverified && !operator_consents)
        return failure(host, context, BERTH_FAIL_CONFIG,
                       "nobody could check the signatures of %s that this plugin describes, and a wrong one corrupts "
                       "memory; to run it all the same, say so in berth.yaml: plugins: {%s: {config: {unverified: true}}}",
                       described.library, described.id);
    json_value root;
    if (!json_parse(params, length, &root) || root.kind != JSON_OBJECT)
        return failure(host, context, BERTH_FAIL_PARAMS, "the params must be a JSON object");
    return call_run(host, context, it, prepared[number], bridge_functions[number], root);
}

/* The operator's word: {"unverified": true}. */
static berth_status start(const void *config, size_t length) {
    json_value root;
    json_parse(config, length, &root);
    json_bool(json_member(root, "unverified"), &operator_consents);
    return BERTH_OK;
}

/* Answers whether all is well; said once. */
static int describe(void) {
    char error[512];
    if (!description_read(bridge_description, bridge_description_length, &described, error, sizeof error)) return 0;
    for (size_t i = 0; i < described.component_count; i++) {
        const component *it = &described.components[i];
        const char *wrong = NULL;
        prepared[i] = call_prepare(it, &wrong);
        if (wrong) return 0;
        components[i] = (berth_component){
            .struct_size = sizeof(berth_component),
            .kind = BERTH_KIND_HANDLER,
            .id = it->id,
            .title = it->title,
            .description = it->description,
            .params_schema = it->schema,
            .result_type = it->result_type,
            .flags = it->flags,
            .vtable = &bridge_handlers[i],
        };
    }
    return 1;
}

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    if (!host && !describe()) return BERTH_FAIL_CONFIG;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = described.id;
    out->version = described.version;
    out->vendor = described.vendor;
    out->components = components;
    out->component_count = described.component_count;
    out->start = start;
    return BERTH_OK;
}
