/* Keeps something of every run. */
#include "check.h"
static void *volatile last;
EXECUTE(run) {
    char *kept = malloc(4096);
    if (kept) memset(kept, 1, 4096);
    last = kept;
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
