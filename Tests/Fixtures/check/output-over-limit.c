/* Does not see that its output is too large; asks again when the host is busy. */
#include "check.h"
EXECUTE(run) {
    for (int tries = 0; tries < 20; tries++) {
        berth_status status = host->emit(context, "hello", 5, 0);
        if (status == BERTH_TOO_LARGE) return BERTH_OK;
        if (status != BERTH_AGAIN && status != BERTH_OK) return fail(context, BERTH_FAIL, "no output");
        if (status == BERTH_OK) return BERTH_OK;
    }
    return fail(context, BERTH_RETRY, "the host is busy");
}
PLUGIN(HANDLER(run))
