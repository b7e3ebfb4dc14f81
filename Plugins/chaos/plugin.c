/* Handlers that misbehave on purpose, and a few plain ones for tests and measurements. */
#include "berth_plugin.h"
#include "failure.h"
#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const berth_host *host;

static json_value member(const void *params, size_t length, const char *name) {
    json_value root;
    json_parse(params, length, &root);
    return json_member(root, name);
}

static int64_t integer_or(const void *params, size_t length, const char *name, int64_t otherwise) {
    int64_t number;
    return json_integer(member(params, length, name), &number) ? number : otherwise;
}

static uint32_t start_number(berth_context *context) {
    berth_ids ids = {.struct_size = sizeof ids};
    return host->ids(context, &ids) == BERTH_OK ? ids.start_number : 0;
}

/* ---- ends that nobody wants ------------------------------------------------------------------------------------- */

static berth_status crash_by_segfault(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    host->breadcrumb(context, "row 7", 5);
    volatile int *volatile nowhere = NULL;
    *nowhere = 7;
    return BERTH_OK;
}

static berth_status crash_by_abort(berth_context *context, const void *params, size_t length) {
    (void)context, (void)params, (void)length;
    abort();
}

static berth_status exit_process(berth_context *context, const void *params, size_t length) {
    (void)context;
    exit((int)integer_or(params, length, "code", 3));
}

static berth_status loop(berth_context *context, const void *params, size_t length) {
    (void)context, (void)params, (void)length;
    signal(SIGTERM, SIG_IGN);
    volatile uint64_t turns = 0;
    while (host) turns = turns + 1;
    return BERTH_OK;
}

/* Writes to what it takes, so that the memory is really held, and does not look whether there was any left. */
static berth_status leak(berth_context *context, const void *params, size_t length) {
    const size_t step = 1 << 20;
    int64_t limit = integer_or(params, length, "at_most_mb", 4096);
    for (int64_t taken = 0; taken < limit; taken++) {
        char text[48];
        int written = snprintf(text, sizeof text, "%lld MiB leaked", (long long)taken);
        host->breadcrumb(context, text, (size_t)written);
        char *volatile chunk = malloc(step);
        memset(chunk, 0xA5, step);
    }
    return failure(host, context, BERTH_FAIL, "leaked %lld MiB and nobody stopped it", (long long)limit);
}

/* ---- failures --------------------------------------------------------------------------------------------------- */

static berth_status fail_retry(berth_context *context, const void *params, size_t length) {
    int64_t succeed_at = integer_or(params, length, "succeed_at", INT64_MAX);
    int64_t retry_after_ms = integer_or(params, length, "retry_after_ms", 0);
    uint32_t start = start_number(context);
    if (start >= succeed_at) return BERTH_OK;
    char text[64];
    int written = snprintf(text, sizeof text, "failed on purpose at start %u", start);
    host->set_error(context, BERTH_RETRY, (uint32_t)retry_after_ms, text, (size_t)written);
    return BERTH_RETRY;
}

static berth_status fail_permanent(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    return failure(host, context, BERTH_FAIL, "failed on purpose, for good");
}

/* ---- noise and time --------------------------------------------------------------------------------------------- */

static berth_status print_flood(berth_context *context, const void *params, size_t length) {
    int64_t lines = integer_or(params, length, "lines", 100000);
    for (int64_t line = 1; line <= lines; line++) {
        fprintf(line % 2 ? stdout : stderr, "flood line %lld of %lld\n", (long long)line, (long long)lines);
        if (line % 1024 == 0 && host->cancel_state(context) != BERTH_RUN_ON) return BERTH_CANCELLED;
    }
    return BERTH_OK;
}

/* Sleeps until the time is over or somebody asks it to end. */
static berth_status sleep_awhile(berth_context *context, const void *params, size_t length) {
    double seconds;
    if (!json_real(member(params, length, "seconds"), &seconds) || !(seconds >= 0 && seconds <= 1e6))
        return failure(host, context, BERTH_FAIL_PARAMS, "give the time: {\"seconds\": 1.5}, at most 1000000");
    int64_t end = host->monotonic_ns() + (int64_t)(seconds * 1e9);
    struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
    for (int64_t left; (left = end - host->monotonic_ns()) > 0;) {
        struct timespec wait = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
        if (ppoll(&stop, 1, &wait, NULL) > 0 || host->cancel_state(context) != BERTH_RUN_ON)
            return host->monotonic_ns() >= host->deadline_ns(context) ? BERTH_TIMED_OUT : BERTH_CANCELLED;
    }
    return BERTH_OK;
}

/* ---- plain ones ------------------------------------------------------------------------------------------------- */

static berth_status noop(berth_context *context, const void *params, size_t length) {
    (void)context, (void)params, (void)length;
    return BERTH_OK;
}

static berth_status tell_clock(berth_context *context, const void *params, size_t length) {
    int64_t now = host->monotonic_ns();
    (void)params, (void)length;
    char text[64];
    int written = snprintf(text, sizeof text, "{\"monotonic_ns\":%lld}", (long long)now);
    return host->emit(context, text, (size_t)written, 0);
}

/* Appends "LINE START\n" with one write and returns once it is on disk. */
static berth_status append_line(berth_context *context, const char *path, const char *line) {
    char text[4096];
    int length = snprintf(text, sizeof text, "%s %u\n", line, start_number(context));
    if (length < 0 || (size_t)length >= sizeof text)
        return failure(host, context, BERTH_FAIL_PARAMS, "the line is longer than %zu bytes", sizeof text - 16);
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return failure(host, context, BERTH_FAIL_INPUT, "cannot open %s: %s", path, strerror(errno));
    int written = write(file, text, (size_t)length) == length && fsync(file) == 0;
    int error = errno;
    close(file);
    return written ? BERTH_OK : failure(host, context, BERTH_RETRY, "cannot write %s: %s", path, strerror(error));
}

static berth_status effect(berth_context *context, const void *params, size_t length) {
    char *path = json_text(member(params, length, "path"));
    char *line = json_text(member(params, length, "line"));
    berth_status status = path && line ? append_line(context, path, line)
                                       : failure(host, context, BERTH_FAIL_PARAMS, "give path and line, both texts");
    free(path);
    free(line);
    return status;
}

/* The counter file that was mapped last: counting is one atomic addition when the path stays the same. */
static struct {
    char *path;
    _Atomic uint64_t *cell;
} counter;

static berth_status map_counter(berth_context *context, const char *path) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct stat facts;
    void *cell = MAP_FAILED;
    if (file >= 0 && fstat(file, &facts) == 0 && (facts.st_size >= 8 || ftruncate(file, 8) == 0))
        cell = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    int error = errno;
    if (file >= 0) close(file);
    if (cell == MAP_FAILED)
        return failure(host, context, BERTH_FAIL_INPUT, "cannot count in %s: %s", path, strerror(error));
    if (counter.cell) munmap((void *)counter.cell, 8);
    free(counter.path);
    counter.path = strdup(path);
    counter.cell = cell;
    return BERTH_OK;
}

static berth_status count(berth_context *context, const void *params, size_t length) {
    char *path = json_text(member(params, length, "path"));
    if (!path) return failure(host, context, BERTH_FAIL_PARAMS, "give the path of the counter file");
    berth_status status = BERTH_OK;
    if (!counter.path || strcmp(counter.path, path) != 0) status = map_counter(context, path);
    if (status == BERTH_OK) atomic_fetch_add(counter.cell, 1);
    free(path);
    return status;
}

/* ---- what there is ---------------------------------------------------------------------------------------------- */

#define NO_PARAMS "{\"type\":\"object\"}"
/* Schemas that name every param there is. */
#define ONLY "{\"type\":\"object\",\"additionalProperties\":false,"
#define INTEGER(name) ONLY "\"properties\":{\"" name "\":{\"type\":\"integer\",\"minimum\":0}}}"

#define HANDLER(component_id, function, says, schema, component_flags)                                                 \
    {                                                                                                                  \
        .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = component_id, .title = says,         \
        .params_schema = schema, .flags = component_flags,                                                             \
        .vtable = &(const berth_handler) { .struct_size = sizeof(berth_handler), .execute = function }                 \
    }

static const berth_component components[] = {
    HANDLER("segfault", crash_by_segfault, "Leaves a breadcrumb and writes to null", NO_PARAMS, 0),
    HANDLER("abort", crash_by_abort, "Calls abort()", NO_PARAMS, 0),
    HANDLER("exit", exit_process, "Ends the process behind the host's back", INTEGER("code"), 0),
    HANDLER("loop", loop, "Spins for ever and ignores everything", NO_PARAMS, 0),
    HANDLER("leak", leak, "Takes memory until somebody stops it", INTEGER("at_most_mb"), 0),
    HANDLER("fail-retry", fail_retry, "Fails, worth another attempt; succeeds at start succeed_at",
            ONLY "\"properties\":{\"succeed_at\":{\"type\":\"integer\",\"minimum\":1},"
            "\"retry_after_ms\":{\"type\":\"integer\",\"minimum\":0}}}",
            0),
    HANDLER("fail-permanent", fail_permanent, "Fails for good", NO_PARAMS, 0),
    HANDLER("print-flood", print_flood, "Prints many lines on stdout and stderr", INTEGER("lines"),
            BERTH_FLAG_COOPERATIVE),
    HANDLER("sleep", sleep_awhile, "Sleeps, and wakes when asked to end",
            ONLY "\"required\":[\"seconds\"],\"properties\":{\"seconds\":{\"type\":\"number\","
            "\"minimum\":0,\"maximum\":1000000}}}",
            BERTH_FLAG_COOPERATIVE),
    HANDLER("noop", noop, "Does nothing", NO_PARAMS, BERTH_FLAG_PURE),
    HANDLER("clock", tell_clock, "Emits the clock at its first instruction", NO_PARAMS, 0),
    HANDLER("effect", effect, "Appends a line and the start number to a file, synced",
            ONLY "\"required\":[\"path\",\"line\"],\"properties\":{\"path\":{\"type\":\"string\"},"
            "\"line\":{\"type\":\"string\"}}}",
            0),
    HANDLER("count", count, "Adds one to the 64-bit counter at the start of a file",
            ONLY "\"required\":[\"path\"],\"properties\":{\"path\":{\"type\":\"string\"}}}", 0),
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "chaos";
    out->version = "1.0.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
