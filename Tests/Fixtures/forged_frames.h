/* What guest and host say to each other, as a plugin would write it behind the guest's back. */
#ifndef FORGED_FRAMES_H
#define FORGED_FRAMES_H

#include <stdint.h>
#include <unistd.h>

struct frame {
    uint16_t magic;
    uint8_t kind, flags;
    uint32_t length, slot, zero;
    uint64_t call;
};

struct done {
    int32_t code;
    uint32_t retry_after_ms;
    uint64_t started_ns, finished_ns, cpu_ns, output_length;
    uint32_t error_length, dropped_logs, child_count, exhausted;
};

/* The end of an attempt, whether there is one of that number or not, and whether it began or not. */
static inline void forge_end(uint64_t call, int32_t code, uint64_t started) {
    struct {
        struct frame head;
        struct done done;
    } frame = {{.magic = 0x4742, .kind = 70, .length = sizeof(struct done), .call = call}, {.code = code, .started_ns = started, .finished_ns = 2}};
    (void)!write(3, &frame, sizeof frame);
}

static inline void forge_done(uint64_t call) { forge_end(call, 0, 1); }

#endif
