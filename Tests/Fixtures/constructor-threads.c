#define _GNU_SOURCE
#include "berth_plugin.h"

#include <poll.h>
#include <pthread.h>
#include <stddef.h>

static void *sleep_for_ever(void *unused) {
    for (;;) poll(NULL, 0, -1);
    return unused;
}

/* As many threads as there are to be had, before there is an attempt that could be held to anything. */
__attribute__((constructor)) static void start_threads(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    pthread_t thread;
    while (pthread_create(&thread, &attributes, sleep_for_ever, NULL) == 0) continue;
    for (;;) poll(NULL, 0, -1);
}

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *host, berth_plugin *out) {
    (void)host, (void)out;
    return BERTH_FAIL;
}
