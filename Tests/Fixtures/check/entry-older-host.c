/* Copies a table as long as it would like to have it. */
#include "check.h"
static const berth_component component = HANDLER(fine);
static struct { berth_host known; char more[64]; } copy;
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    volatile const char *from = (volatile const char *)given;
    for (size_t i = 0; i < sizeof copy; i++) ((char *)&copy)[i] = from[i];
    return describe(given, out, &component);
}
