/* Takes every host for its own. */
#include "check.h"
static const berth_component component = HANDLER(fine);
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 == BERTH_ABI_MAJOR) return describe(given, out, &component);
    return BERTH_FAIL;
}
