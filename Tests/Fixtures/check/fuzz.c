/* Does not survive being stopped while the host refuses its output. */
#include "check.h"
EXECUTE(run) {
    berth_status status = host->emit(context, "hello", 5, 0);
    if (status != BERTH_OK && host->cancel_state(context) != BERTH_RUN_ON) __builtin_trap();
    return status == BERTH_OK ? BERTH_OK : fail(context, BERTH_FAIL, "no output");
}
PLUGIN(HANDLER(run))
