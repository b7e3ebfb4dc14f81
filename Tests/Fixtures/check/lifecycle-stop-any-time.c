/* Lets go of itself when it is stopped, each time. */
#include "check.h"
struct work { int stops; };
static berth_status make(berth_context *context UNUSED, const void *params UNUSED, size_t length UNUSED, void **self) {
    *self = calloc(1, sizeof(struct work));
    return BERTH_OK;
}
static berth_status run(berth_context *context UNUSED, void *self UNUSED, const berth_input *input UNUSED) { return BERTH_OK; }
static void stop(void *self, int32_t reason UNUSED) { if (((struct work *)self)->stops++ > 0) abort(); }
static void destroy(void *self) { free(self); }
static const berth_processor table = {.struct_size = sizeof table, .init = make, .run = run, .stop = stop, .destroy = destroy};
PLUGIN(PROCESSOR(table))
