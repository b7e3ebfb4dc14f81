/* Declares that runs may overlap, and keeps what it works on in one place for all. */
#include "check.h"
static char line[64];
EXECUTE(run) {
    berth_ids ids = {.struct_size = sizeof ids};
    if (host->ids(context, &ids) != BERTH_OK) return fail(context, BERTH_FAIL, "no ids");
    int written = snprintf(line, sizeof line, "run %llu", (unsigned long long)ids.run);
    poll(NULL, 0, 2);
    return host->emit(context, line, (size_t)written, 0);
}
PLUGIN(HANDLER(run, .flags = BERTH_FLAG_CONCURRENT, .max_concurrency = 4))
