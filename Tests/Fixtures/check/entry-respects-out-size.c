/* Clears more than it was given. */
#include "check.h"
static const berth_component component = HANDLER(fine);
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    volatile char *behind = (volatile char *)(out + 1);
    for (int i = 0; i < 32; i++) behind[i] = behind[i];
    return describe(given, out, &component);
}
