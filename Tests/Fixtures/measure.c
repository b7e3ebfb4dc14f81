/* Measures services from inside a run: state, and a family as large as it may be. */
#include "berth_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 2000
#define CHILDREN 100000

static const berth_host *host;

static int compare(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void say(berth_context *context, const char *name, uint64_t *times) {
    char text[100];
    qsort(times, ROUNDS, sizeof *times, compare);
    int length = snprintf(text, sizeof text, "%s p50 %.0f us, p99 %.0f us; ", name, (double)times[ROUNDS / 2] / 1000,
                          (double)times[ROUNDS * 99 / 100] / 1000);
    host->emit(context, text, (size_t)length, 0);
}

static berth_status state(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    static uint64_t puts[ROUNDS], gets[ROUNDS];
    char value[100] = "a value of a hundred bytes";
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = host->monotonic_ns();
        berth_status status = host->kv_put(context, "key", 3, value, sizeof value, UINT64_MAX);
        uint64_t middle = host->monotonic_ns();
        size_t size = sizeof value;
        if (status == BERTH_OK) status = host->kv_get(context, "key", 3, value, &size, NULL);
        gets[i] = host->monotonic_ns() - middle;
        puts[i] = middle - start;
        if (status != BERTH_OK) return status;
    }
    say(context, "kv_put", puts);
    say(context, "kv_get", gets);
    return BERTH_OK;
}

static const berth_handler state_handler = {.struct_size = sizeof(berth_handler), .execute = state};

/* A root that emits as many children as it may, which do nothing. */
static berth_status family(berth_context *context, void *self, const berth_input *input) {
    (void)self;
    if (input->stage != BERTH_STAGE_ROOT) return BERTH_OK;
    static berth_child children[1000];
    for (int i = 0; i < 1000; i++)
        children[i] = (berth_child){.struct_size = sizeof(berth_child), .name = "c", .name_length = 1, .params = "{}", .params_length = 2};
    for (int i = 0; i < CHILDREN / 1000; i++) {
        berth_status status = host->emit_children(context, children, 1000);
        if (status != BERTH_OK) return status;
    }
    return BERTH_OK;
}

static const berth_processor family_processor = {.struct_size = sizeof(berth_processor), .run = family};

static const berth_component components[] = {
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "state", .vtable = &state_handler},
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_PROCESSOR, .id = "family", .vtable = &family_processor},
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "measure";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = 2;
    return BERTH_OK;
}
