/* The entry is there, and hidden. */
#include "check.h"
static const berth_component component = HANDLER(fine);
static berth_status entry(const berth_host *given, berth_plugin *out) __asm__("berth_plugin_v1");
__attribute__((used)) static berth_status entry(const berth_host *given, berth_plugin *out) {
    return describe(given, out, &component);
}
