/* Changes its title as it runs. */
#include "check.h"
static char title[] = "ran never";
EXECUTE(run) { memcpy(title + 4, "twice", 5); return BERTH_OK; }
PLUGIN(HANDLER(run, .title = title))
