/* Sees that its output is too large, and not that the host is busy. */
#include "check.h"
EXECUTE(run) {
    berth_status status = host->emit(context, "hello", 5, 0);
    return status == BERTH_TOO_LARGE ? fail(context, BERTH_FAIL, "too large") : BERTH_OK;
}
PLUGIN(HANDLER(run))
