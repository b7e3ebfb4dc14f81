/* Reduces the first result, and forgets the others. */
#include "check.h"
static berth_status run(berth_context *context, void *self UNUSED, const berth_input *input) {
    if (input->stage == BERTH_STAGE_CHILD) return host->emit(context, "1", 1, 0);
    if (input->stage == BERTH_STAGE_REDUCE) {
        const void *bytes;
        size_t length;
        berth_status status, got = host->next_result(context, &bytes, &length, &status);
        return got == BERTH_OK || got == BERTH_NOT_FOUND ? BERTH_OK : fail(context, BERTH_FAIL, "no results");
    }
    berth_child children[3] = {0};
    for (int i = 0; i < 3; i++)
        children[i] = (berth_child){.struct_size = sizeof(berth_child), .name = "part", .name_length = 4, .params = "{}", .params_length = 2};
    berth_status status = host->emit_children(context, children, 3);
    return status == BERTH_OK ? BERTH_OK : fail(context, BERTH_FAIL, "no children");
}
static const berth_processor table = {.struct_size = sizeof table, .run = run};
PLUGIN(PROCESSOR(table))
