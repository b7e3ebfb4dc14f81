/* What lies beyond the tables: numbers for the host to keep, and words for codes of the plugin's own. */
#include "berth_plugin.h"

#include <stdio.h>
#include <string.h>

static const berth_host *host;
static const berth_metrics *metrics;

#define HANDLER(name) static berth_status name(berth_context *context, const void *params, size_t length)
#define UNUSED (void)context, (void)params, (void)length

static berth_status add(berth_context *context, const char *name, int64_t more) {
    return metrics->add(context, name, strlen(name), more);
}

/* Answers BERTH_FAIL plus the number of the call that was answered wrongly. */
HANDLER(measures) {
    UNUSED;
    if (!metrics || !BERTH_HAS(berth_metrics, metrics, add) || !BERTH_HAS(berth_metrics, metrics, set)) return BERTH_FAIL;
    if (add(context, "rows.read", 40) != BERTH_OK || add(context, "rows.read", 2) != BERTH_OK) return BERTH_FAIL + 1;
    if (metrics->set(context, "queue_depth", 11, 9) != BERTH_OK) return BERTH_FAIL + 2;
    if (metrics->set(context, "queue_depth", 11, -7) != BERTH_OK) return BERTH_FAIL + 3;
    if (add(context, "most", INT64_MAX) != BERTH_OK || add(context, "most", 1) != BERTH_OK) return BERTH_FAIL + 4;
    if (add(context, "Upper", 1) != BERTH_BAD_CALL || add(context, "", 1) != BERTH_BAD_CALL) return BERTH_FAIL + 5;
    if (metrics->add(NULL, "rows", 4, 1) != BERTH_BAD_CALL) return BERTH_FAIL + 6;
    if (metrics->add(context, NULL, 4, 1) != BERTH_BAD_CALL) return BERTH_FAIL + 7;
    char name[16];
    for (int i = 0; i < 29; i++) {
        snprintf(name, sizeof name, "n%d", i);
        if (add(context, name, i) != BERTH_OK) return BERTH_FAIL + 8;
    }
    return add(context, "one_too_many", 1) == BERTH_TOO_LARGE ? BERTH_OK : BERTH_FAIL + 9;
}

HANDLER(nothing) { UNUSED; return BERTH_OK; }

HANDLER(fails) { UNUSED; return length > 2 ? 143 : 142; }

HANDLER(says) {
    UNUSED;
    host->set_error(context, 142, 0, "its own words", 13);
    return 142;
}

static const char *explain(berth_status code) {
    return code == 142 ? "the drawer of the printer is open" : NULL;
}

static const void *extension(const char *id) {
    static const berth_explain table = {.struct_size = sizeof table, .explain = explain};
    return strcmp(id, BERTH_EXTENSION_EXPLAIN) == 0 ? &table : NULL;
}

#define COMPONENT(name, run, more)                                                                                     \
    { .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = name, .extension = more,               \
      .vtable = &(const berth_handler){.struct_size = sizeof(berth_handler), .execute = run} }

static const berth_component components[] = {
    COMPONENT("measures", measures, NULL), COMPONENT("nothing", nothing, NULL), COMPONENT("explained", fails, extension),
    COMPONENT("unexplained", fails, NULL), COMPONENT("says", says, extension),
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    host = given;
    metrics = given->extension(BERTH_EXTENSION_METRICS);
    if (given->extension("berth.metrics/2") || given->extension("berth.metrics")) return BERTH_FAIL;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "extensions";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
