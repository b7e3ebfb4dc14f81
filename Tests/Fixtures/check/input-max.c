/* Has room for what it declares, less one. */
#include "check.h"
EXECUTE(run) {
    char copy[4096];
    if (length > sizeof copy - 1) return fail(context, BERTH_FAIL_INPUT, "too long");
    if (length) memcpy(copy, params, length);
    return BERTH_OK;
}
PLUGIN(HANDLER(run, .max_input_bytes = 4096))
