/* Shows a function of its own to everybody. */
#include "check.h"
BERTH_EXPORT int frobnicate(void) { return 7; }
PLUGIN(HANDLER(fine))
