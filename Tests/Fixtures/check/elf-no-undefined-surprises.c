/* Calls what nobody has. */
#include "check.h"
int frobnicate(void);
EXECUTE(run) { return frobnicate(); }
PLUGIN(HANDLER(run))
