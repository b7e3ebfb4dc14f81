/* Waits for a descriptor, whether there is one or not. */
#include "check.h"
EXECUTE(run) {
    struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
    return poll(&stop, 1, stop.fd < 0 ? 5000 : 200) > 0 ? BERTH_CANCELLED : BERTH_OK;
}
PLUGIN(HANDLER(run, .flags = BERTH_FLAG_COOPERATIVE, .grace_ms = 500))
