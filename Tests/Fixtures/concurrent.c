/* Components whose attempts may run side by side in one guest, and two whose attempts must not.
 *
 * Params say what an attempt does, in this order: "meet":N waits until N attempts of the component have been inside at
 * once; "segv", "spin", "wait" (until it is asked to stop) and "print" do what they say. Only the first attempt of a run
 * meets, crashes and waits, unless "always" is said. The output is the thread, whether it loaded the plugin, and how many
 * attempts were inside at most. */
#define _GNU_SOURCE
#include "berth_plugin.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const berth_host *host;
static pthread_t loader;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int inside, most;

static void enter(void) {
    pthread_mutex_lock(&gate);
    inside++;
    if (inside > most) most = inside;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&gate);
}

static void leave(void) {
    pthread_mutex_lock(&gate);
    inside--;
    pthread_mutex_unlock(&gate);
}

static void meet(int wanted) {
    pthread_mutex_lock(&gate);
    while (most < wanted) pthread_cond_wait(&changed, &gate);
    pthread_mutex_unlock(&gate);
}

static int says(const char *text, const char *word) { return strstr(text, word) != NULL; }

static void act(berth_context *context, const char *text) {
    berth_ids ids = {.struct_size = sizeof ids};
    host->ids(context, &ids);
    int is_first = ids.start_number == 1 || says(text, "always");
    const char *number = strstr(text, "\"meet\":");
    host->progress(context, ids.run, 0, "inside", 6);
    host->breadcrumb(context, text, strlen(text));
    if (number && is_first) meet(atoi(number + 7));
    if (says(text, "segv") && is_first) *(volatile int *)8 = 1;
    if (says(text, "spin")) {
        signal(SIGTERM, SIG_IGN);
        for (volatile long turns = 0;; turns++) {}
    }
    if (says(text, "print")) {
        printf("printed by %llu\n", (unsigned long long)ids.run);
        host->log(context, BERTH_LOG_INFO, text, strlen(text), NULL, 0);
    }
    if (says(text, "wait") && is_first) {
        struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
        poll(&stop, 1, -1);
    }
}

static berth_status execute(berth_context *context, const void *params, size_t length) {
    char text[512], answer[100];
    snprintf(text, sizeof text, "%.*s", (int)length, (const char *)params);
    enter();
    act(context, text);
    int size = snprintf(answer, sizeof answer, "%d %d %d", (int)gettid(), pthread_equal(loader, pthread_self()) != 0, most);
    leave();
    if (host->cancel_state(context) != BERTH_RUN_ON) return BERTH_CANCELLED;
    return host->emit(context, answer, (size_t)size, 0);
}

static const berth_handler handler = {.struct_size = sizeof(berth_handler), .execute = execute};

#define COMPONENT(name, bits, width)                                                                                   \
    { .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = name, .flags = bits,                   \
      .max_concurrency = width, .vtable = &handler }

static const berth_component components[] = {
    COMPONENT("shared", BERTH_FLAG_CONCURRENT, 4),
    COMPONENT("serial", 0, 0),
    COMPONENT("same-thread", BERTH_FLAG_CONCURRENT | BERTH_FLAG_SAME_THREAD, 4),
};

static berth_status start(const void *config, size_t length) {
    (void)config, (void)length;
    loader = pthread_self();
    return BERTH_OK;
}

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "concurrent";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    out->start = start;
    return BERTH_OK;
}
