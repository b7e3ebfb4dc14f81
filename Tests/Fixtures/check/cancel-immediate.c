/* Looks whether it was cancelled when the first half is done. */
#include "check.h"
EXECUTE(run) {
    int asked = host->cancel_state(context) != BERTH_RUN_ON;
    if (asked) poll(NULL, 0, 400);
    return wait_for_stop(context, 60) ? BERTH_CANCELLED : BERTH_OK;
}
PLUGIN(HANDLER(run, .flags = BERTH_FLAG_COOPERATIVE, .grace_ms = 2000))
