/* Reads a file of the system before it says what it is. */
#include "check.h"
#include <fcntl.h>
static const berth_component component = HANDLER(fine);
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    if (file < 0) return BERTH_FAIL_CONFIG;
    close(file);
    return describe(given, out, &component);
}
