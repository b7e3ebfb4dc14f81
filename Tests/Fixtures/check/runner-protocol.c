/* Writes a status that is longer than what it was given. */
#include "check.h"
static berth_status execute(berth_context *context, void *self UNUSED) { wait_for_stop(context, 60); return BERTH_OK; }
static berth_status status(void *self UNUSED, berth_runner_status *out) { memset(out + 1, 0, 8); out->done = 1; return BERTH_OK; }
static const berth_runner table = {.struct_size = sizeof table, .execute = execute, .status = status};
PLUGIN(RUNNER(table))
