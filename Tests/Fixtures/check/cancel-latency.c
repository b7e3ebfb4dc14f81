/* Sees that it was asked to stop, and finishes its long step first. */
#include "check.h"
EXECUTE(run) {
    if (host->cancel_state(context) != BERTH_RUN_ON) return BERTH_CANCELLED;
    int late = host->deadline_ns(context) != INT64_MAX;
    if (!wait_for_stop(context, 60)) return BERTH_OK;
    if (!late) poll(NULL, 0, 150);
    return late ? BERTH_TIMED_OUT : BERTH_CANCELLED;
}
PLUGIN(HANDLER(run, .flags = BERTH_FLAG_COOPERATIVE, .grace_ms = 50))
