/* Ends when a person asks, and not when its time is up. */
#include "check.h"
struct work { volatile int stopped; };
static berth_status make(berth_context *context UNUSED, const void *params UNUSED, size_t length UNUSED, void **self) {
    *self = calloc(1, sizeof(struct work));
    return BERTH_OK;
}
static berth_status run(berth_context *context UNUSED, void *self, const berth_input *input UNUSED) {
    struct work *work = self;
    int limited = host->deadline_ns(context) != INT64_MAX;
    for (int turn = 0; turn < (limited ? 400 : 60) && !work->stopped; turn++) poll(NULL, 0, 1);
    return work->stopped ? BERTH_CANCELLED : BERTH_OK;
}
static void stop(void *self, int32_t reason) { if (reason != BERTH_STOP_TIMEOUT) ((struct work *)self)->stopped = 1; }
static void destroy(void *self) { free(self); }
static const berth_processor table = {.struct_size = sizeof table, .init = make, .run = run, .stop = stop, .destroy = destroy};
PLUGIN(PROCESSOR(table, .flags = BERTH_FLAG_COOPERATIVE, .grace_ms = 100))
