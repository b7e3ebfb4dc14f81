/* Fails and does not say why. */
#include "check.h"
EXECUTE(run) { return BERTH_FAIL; }
PLUGIN(HANDLER(run))
