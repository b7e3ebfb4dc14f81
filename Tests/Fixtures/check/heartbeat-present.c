/* Declares that it says every tenth of a second that it lives, and does not. */
#include "check.h"
EXECUTE(run) { wait_for_stop(context, 90); return BERTH_OK; }
PLUGIN(HANDLER(run, .stall_ms = 60))
