/* What the benchmark runs besides chaos: a value kept from run to run, and a family. */
#include "berth_plugin.h"

#include <string.h>

static const berth_host *host;

/* Reads a number that is kept between runs and writes one more: a read and a write on disk in each attempt. */
static berth_status tally(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    uint64_t number = 0, version = 0;
    size_t size = sizeof number;
    berth_status found = host->kv_get(context, "tally", 5, &number, &size, &version);
    if (found != BERTH_OK && found != BERTH_NOT_FOUND) return found;
    number++;
    return host->kv_put(context, "tally", 5, &number, sizeof number, UINT64_MAX);
}

/* Emits a thousand children that do nothing, and counts them when they have ended. */
static berth_status family(berth_context *context, void *self, const berth_input *input) {
    (void)self;
    if (input->stage == BERTH_STAGE_ROOT) {
        static berth_child children[1000];
        for (size_t i = 0; i < 1000; i++)
            children[i] = (berth_child){.struct_size = sizeof(berth_child), .params = "{}", .params_length = 2};
        return host->emit_children(context, children, 1000);
    }
    if (input->stage != BERTH_STAGE_REDUCE) return BERTH_OK;
    const void *bytes;
    size_t length, good = 0;
    berth_status status, answer;
    while ((answer = host->next_result(context, &bytes, &length, &status)) == BERTH_OK) good += status == BERTH_OK;
    return answer == BERTH_NOT_FOUND && good == input->child_count ? BERTH_OK : BERTH_FAIL;
}

static const berth_handler tally_calls = {.struct_size = sizeof(berth_handler), .execute = tally};
static const berth_processor family_calls = {.struct_size = sizeof(berth_processor), .run = family};

static const berth_component components[] = {
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "tally", .title = "Counts its runs",
     .vtable = &tally_calls},
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_PROCESSOR, .id = "family", .title = "Has children",
     .vtable = &family_calls},
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "bench";
    out->version = "1.0.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
