/* Wants to be called again with the same wrong params. */
#include "check.h"
EXECUTE(run) { return memmem(params, length, "\"n\":1", 5) ? BERTH_OK : fail(context, BERTH_RETRY, "not now"); }
PLUGIN(HANDLER(run, .params_schema = "{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{\"type\":\"integer\"}}}"))
