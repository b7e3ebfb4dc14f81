/* Components that declare small limits and need more. Each takes all it needs and then succeeds, or waits to be ended where
 * its params say so. */
#define _GNU_SOURCE
#include "berth_plugin.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static const berth_host *host;

#define HANDLER(name) static berth_status name(berth_context *context, const void *params, size_t length)
#define UNUSED (void)context, (void)params, (void)length

/* "{}" is all that a run without params has. */
static berth_status end(size_t length) {
    while (length > 2) poll(NULL, 0, -1);
    return BERTH_OK;
}

HANDLER(processor) {
    UNUSED;
    struct timespec used;
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    while (length > 2 || used.tv_sec * 1000 + used.tv_nsec / 1000000 < 400);
    return BERTH_OK;
}

HANDLER(memory) {
    UNUSED;
    char *bytes = malloc(64 * MIB);
    if (!bytes) return BERTH_FAIL;
    memset(bytes, 1, 64 * MIB);
    __asm__ volatile("" : : "r"(bytes) : "memory");
    berth_status status = end(length);
    free(bytes);
    return status;
}

HANDLER(file) {
    UNUSED;
    static char bytes[2 * MIB];
    int file = open("file", O_CREAT | O_WRONLY, 0600);
    if (file < 0) return BERTH_FAIL;
    /* The first one stops at the limit, the second one is beyond it. */
    for (int round = 0; round < 2; round++) if (write(file, bytes, sizeof bytes) < 0) return BERTH_FAIL;
    close(file);
    return BERTH_OK;
}

HANDLER(scratch) {
    UNUSED;
    static char bytes[8 * MIB];
    int file = open("file", O_CREAT | O_WRONLY, 0600);
    if (file < 0 || write(file, bytes, sizeof bytes) != (ssize_t)sizeof bytes) return BERTH_FAIL;
    close(file);
    return end(length);
}

HANDLER(descriptors) {
    UNUSED;
    for (int count = 0; count < 64; count++) if (dup(1) < 0) return BERTH_FAIL;
    return BERTH_OK;
}

static void *wait_for_ever(void *unused) {
    (void)unused;
    for (;;) poll(NULL, 0, -1);
}

HANDLER(threads) {
    UNUSED;
    for (int count = 0; count < 60; count++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0) return BERTH_FAIL;
    }
    return end(length);
}

HANDLER(output) {
    UNUSED;
    static char bytes[4096];
    return host->emit(context, bytes, sizeof bytes, 0);
}

HANDLER(log_lines) {
    UNUSED;
    static char line[1024];
    memset(line, 'x', sizeof line);
    for (int count = 0; count < 16; count++) host->log(context, BERTH_LOG_INFO, line, sizeof line, NULL, 0);
    return BERTH_OK;
}

#define COMPONENT(name, text, ...)                                                                                     \
    { .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = text,                                  \
      .vtable = &(const berth_handler){.struct_size = sizeof(berth_handler), .execute = name}, __VA_ARGS__ }

static const berth_component components[] = {
    COMPONENT(processor, "processor", .max_cpu_ms = 100),
    COMPONENT(memory, "memory", .max_memory_bytes = 32 * MIB),
    COMPONENT(file, "file", .max_file_bytes = MIB),
    COMPONENT(scratch, "scratch", .max_scratch_bytes = 2 * MIB),
    COMPONENT(descriptors, "descriptors", .max_open_files = 32),
    COMPONENT(threads, "threads", .max_processes = 30),
    COMPONENT(output, "output", .max_output_bytes = 1024),
    COMPONENT(log_lines, "log-lines", .max_log_bytes = 4096),
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "declared";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
