/* Has an id that is none. */
#include "check.h"
static const berth_component component = HANDLER(fine);
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    berth_status status = describe(given, out, &component);
    if (status == BERTH_OK) out->id = "Not An Id";
    return status;
}
