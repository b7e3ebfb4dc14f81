/* Counts its runs before it has done anything. */
#include "check.h"
EXECUTE(run) {
    unsigned char count = 0;
    size_t size = 1;
    uint64_t version = 0;
    berth_status got = host->kv_get(context, "runs", 4, &count, &size, &version);
    if (got != BERTH_OK && got != BERTH_NOT_FOUND) return fail(context, BERTH_RETRY, "no state");
    count++;
    if (host->kv_put(context, "runs", 4, &count, 1, UINT64_MAX) != BERTH_OK) return fail(context, BERTH_RETRY, "no state");
    return host->emit(context, "done", 4, 0);
}
PLUGIN(HANDLER(run))
