/* Forgets what it took when its init fails. */
#include "check.h"
static berth_status make(berth_context *context, const void *params, size_t length, void **self) {
    *self = malloc(1000);
    memset(*self, 1, 1000);
    if (memmem(params, length, "\"n\":1", 5)) return BERTH_OK;
    *self = NULL;
    return fail(context, BERTH_FAIL_PARAMS, "give n");
}
static berth_status run(berth_context *context UNUSED, void *self UNUSED, const berth_input *input UNUSED) { return BERTH_OK; }
static void destroy(void *self) { free(self); }
static const berth_processor table = {.struct_size = sizeof table, .init = make, .run = run, .destroy = destroy};
PLUGIN(PROCESSOR(table, .params_schema = "{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{\"type\":\"integer\"}}}"))
