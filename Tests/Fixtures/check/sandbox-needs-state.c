/* Keeps state and asks for more time, then uses the network and does not say so. */
#include "check.h"
#include <sys/socket.h>
EXECUTE(run) {
    char seen[8];
    size_t size = sizeof seen;
    uint64_t version = 0;
    berth_status status = host->kv_put(context, "k", 1, "seen", 4, 0);
    if (status != BERTH_OK && status != BERTH_CONFLICT) return fail(context, BERTH_FAIL, "the state was not kept");
    if (host->kv_get(context, "k", 1, seen, &size, &version) != BERTH_OK || size != 4 || version != 1)
        return fail(context, BERTH_FAIL, "the state is gone");
    if (host->extend(context, 100) != BERTH_OK) return fail(context, BERTH_FAIL, "no more time");
    int number = socket(AF_INET, SOCK_STREAM, 0);
    if (number < 0) return fail(context, BERTH_FAIL, "no socket");
    close(number);
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
