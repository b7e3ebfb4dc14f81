/* Answers once. */
#include "check.h"
static const berth_component component = HANDLER(fine);
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    static int calls;
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    return calls++ ? BERTH_BAD_CALL : describe(given, out, &component);
}
