/* Looks at the first byte before it asks whether there is one. */
#include "check.h"
EXECUTE(run) { if (length == 0) abort(); return BERTH_OK; }
PLUGIN(HANDLER(run))
