/* Nothing is wrong. */
#include "check.h"
EXECUTE(echo) { return host->emit(context, params, length, 0); }
PLUGIN(HANDLER(echo))
