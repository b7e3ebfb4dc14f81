/* Every way for one attempt to go wrong. The params are the component's name where more than a name is needed. */
#define _GNU_SOURCE
#include "berth_plugin.h"
#include "forged_frames.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const berth_host *host;

#define HANDLER(name) static berth_status name(berth_context *context, const void *params, size_t length)
#define UNUSED (void)context, (void)params, (void)length

HANDLER(noop) { UNUSED; return BERTH_OK; }

HANDLER(segv) {
    UNUSED;
    host->breadcrumb(context, "row 7", 5);
    *(volatile int *)8 = 1;
    return BERTH_OK;
}

HANDLER(aborts) { UNUSED; abort(); }
HANDLER(exits) { UNUSED; _exit(3); }
HANDLER(divides) {
    UNUSED;
    volatile int zero = 0;
    volatile int seven = 7;
    return seven / zero;
}
HANDLER(traps) { UNUSED; __builtin_trap(); }

HANDLER(spin) {
    UNUSED;
    signal(SIGTERM, SIG_IGN);
    for (volatile long turns = 0;; turns++) {}
    return BERTH_OK;
}

HANDLER(prints) {
    UNUSED;
    printf("out %.*s\n", (int)length, (const char *)params);
    fprintf(stderr, "err %.*s\n", (int)length, (const char *)params);
    printf("rest %.*s", (int)length, (const char *)params);
    return BERTH_OK;
}

HANDLER(print_flood) {
    UNUSED;
    for (int line = 0; line < 200000; line++) printf("line %d of a flood that nobody will read to its end\n", line);
    return BERTH_OK;
}

/* Ten lines in a millisecond: slow enough for a host that wakes for each. */
HANDLER(print_steadily) {
    UNUSED;
    for (int line = 0; line < 1500; line++) {
        printf("line %d\n", line);
        for (int64_t end = host->monotonic_ns() + 100000; host->monotonic_ns() < end;) {}
    }
    return BERTH_OK;
}

HANDLER(log_flood) {
    UNUSED;
    for (int line = 0; line < 200000; line++) host->log(context, BERTH_LOG_INFO, "again", 5, NULL, 0);
    return BERTH_OK;
}

HANDLER(logs) {
    UNUSED;
    berth_field field = {"key", 3, "value", 5};
    host->log(context, BERTH_LOG_WARNING, "hello", 5, &field, 1);
    return BERTH_OK;
}

HANDLER(close_descriptors) {
    UNUSED;
    for (int descriptor = 0; descriptor < 256; descriptor++) close(descriptor);
    poll(NULL, 0, -1);
    return BERTH_OK;
}

HANDLER(write_garbage) {
    UNUSED;
    (void)!write(3, "this is not a frame, whatever you think of it", 45);
    poll(NULL, 0, -1);
    return BERTH_OK;
}

/* DONE of this attempt, forged before the guest says it itself: the second one breaks the protocol. */
HANDLER(done_twice) {
    UNUSED;
    forge_done(1);
    return BERTH_OK;
}

HANDLER(wait_deaf) {
    UNUSED;
    for (;;) poll(NULL, 0, -1);
    return BERTH_OK;
}

/* Says that it is over when it is told to end, and lets the signal end the guest all the same. */
static void say_done_and_die(int number) {
    forge_done(1);
    signal(number, SIG_DFL);
    raise(number);
}

HANDLER(done_at_term) {
    UNUSED;
    signal(SIGTERM, say_done_and_die);
    for (;;) poll(NULL, 0, -1);
    return BERTH_OK;
}

/* What a thread of the plugin says of an attempt that has just ended. */
HANDLER(log_late) {
    UNUSED;
    struct {
        uint16_t magic;
        uint8_t kind, flags;
        uint32_t length, slot, zero;
        uint64_t call, time;
        int32_t level;
        uint32_t text_length;
        char text[8];
    } frame = {.magic = 0x4742, .kind = 69, .length = 24, .call = 1, .level = 2, .text_length = 8, .text = "too late"};
    (void)!write(3, &frame, sizeof frame);
    return BERTH_OK;
}

HANDLER(fails) {
    UNUSED;
    host->set_error(context, BERTH_RETRY_BUSY, 1500, "come back later", 15);
    return BERTH_RETRY_BUSY;
}

HANDLER(leaves_file) {
    UNUSED;
    int file = open("left", O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (file < 0) return BERTH_FAIL;
    close(file);
    return BERTH_OK;
}

HANDLER(reports) {
    UNUSED;
    host->breadcrumb(context, "here", 4);
    host->progress(context, 3, 10, "third", 5);
    struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
    poll(&stop, 1, -1);
    return BERTH_CANCELLED;
}

HANDLER(starts_program) {
    UNUSED;
    pid_t child = fork();
    if (child < 0) return BERTH_FAIL;
    if (child == 0) {
        setsid();
        execlp("sleep", "sleep", "600", NULL);
        _exit(127);
    }
    poll(NULL, 0, 200);
    return BERTH_OK;
}

#define COMPONENT(name, text)                                                                                          \
    { .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = text,                                  \
      .vtable = &(const berth_handler){.struct_size = sizeof(berth_handler), .execute = name} }

static const berth_component components[] = {
    COMPONENT(noop, "noop"),
    COMPONENT(segv, "segv"),
    COMPONENT(aborts, "abort"),
    COMPONENT(exits, "exit"),
    COMPONENT(divides, "divide"),
    COMPONENT(traps, "trap"),
    COMPONENT(spin, "spin"),
    COMPONENT(prints, "prints"),
    COMPONENT(print_flood, "print-flood"),
    COMPONENT(log_flood, "log-flood"),
    COMPONENT(logs, "logs"),
    COMPONENT(close_descriptors, "close-descriptors"),
    COMPONENT(write_garbage, "write-garbage"),
    COMPONENT(done_twice, "done-twice"),
    COMPONENT(fails, "fails"),
    COMPONENT(leaves_file, "leaves-file"),
    COMPONENT(reports, "reports"),
    COMPONENT(starts_program, "starts-program"),
    COMPONENT(done_at_term, "done-at-term"),
    COMPONENT(log_late, "log-late"),
    COMPONENT(wait_deaf, "wait-deaf"),
    COMPONENT(print_steadily, "print-steadily"),
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "misbehave";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
