/* Takes the signal that ends guests. */
#include "check.h"
EXECUTE(run) { signal(SIGTERM, SIG_IGN); return BERTH_OK; }
PLUGIN(HANDLER(run))
