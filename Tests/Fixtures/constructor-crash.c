#include "berth_plugin.h"

__attribute__((constructor)) static void crash(void) { *(volatile int *)8 = 1; }

/* By its tables it is a plugin: only loading it tells. */
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *host, berth_plugin *out) {
    (void)host, (void)out;
    return BERTH_FAIL;
}
