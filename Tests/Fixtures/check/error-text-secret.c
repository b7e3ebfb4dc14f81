/* Tells everybody. */
#include "check.h"
EXECUTE(run) {
    char text[256];
    snprintf(text, sizeof text, "cannot log in with %.*s", (int)(length < 200 ? length : 0), (const char *)params);
    return fail(context, BERTH_FAIL_PARAMS, text);
}
PLUGIN(HANDLER(run, .params_schema = "{\"type\":\"object\",\"required\":[\"key\"],\"properties\":{\"key\":{\"type\":\"string\",\"x-secret\":true}}}"))
