/* Wants no host that is longer than what it knows. */
#include "check.h"
static const berth_component component = HANDLER(fine);
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    if (given->struct_size > sizeof(berth_host)) return BERTH_FAIL_CONFIG;
    return describe(given, out, &component);
}
