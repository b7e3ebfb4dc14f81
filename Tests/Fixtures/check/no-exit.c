/* Gives up at some point. */
#include "check.h"
EXECUTE(run) {
    static int runs;
    if (++runs == 1800) exit(0);
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
