#include "berth_plugin.h"

#include <poll.h>
#include <stdint.h>
#include <unistd.h>

/* While the host waits for it to be loaded: text without a line feed, then the end of an attempt that never was. */
__attribute__((constructor)) static void forge(void) {
    struct {
        uint16_t magic;
        uint8_t kind, flags;
        uint32_t length, slot, zero;
        uint64_t call;
        int32_t code;
        uint32_t retry_after_ms;
        uint64_t started_ns, finished_ns, cpu_ns, output_length;
        uint32_t error_length, dropped_logs, child_count, exhausted;
    } frame = {.magic = 0x4742, .kind = 70, .length = 56, .call = UINT64_MAX, .started_ns = 1};
    (void)!write(1, "x", 1);
    poll(NULL, 0, 100);
    (void)!write(3, &frame, sizeof frame);
}

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *host, berth_plugin *out) {
    (void)host, (void)out;
    return BERTH_FAIL;
}
