/* Programs that mean to outlive their host: `sleep` for as long as `{"seconds":"…"}` says, without anything in their
 * environment by which they could be found. */
#define _GNU_SOURCE
#include "berth_plugin.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const berth_host *host;

static void become_sleep(const void *params, size_t length) {
    char text[256] = "", seconds[32] = "600";
    memcpy(text, params, length < sizeof text - 1 ? length : sizeof text - 1);
    sscanf(text, "{\"seconds\":\"%31[0-9.]", seconds);
    char *words[] = {"sleep", seconds, NULL}, *nothing[] = {NULL};
    execve("/bin/sleep", words, nothing);
}

/* In place of the guest, by a thread that is not its first: the parent-death signal was the first one's. The protocol's
 * socket stays open, so that the host hears of no end. */
static berth_status replace_guest(berth_context *context, const void *params, size_t length) {
    (void)context;
    fcntl(3, F_SETFD, 0);
    become_sleep(params, length);
    return BERTH_FAIL;
}

/* In a session of its own, under a guest that waits. */
static berth_status leave_child(berth_context *context, const void *params, size_t length) {
    pid_t child = fork();
    if (child < 0) return BERTH_FAIL;
    if (child == 0) {
        setsid();
        become_sleep(params, length);
        _exit(127);
    }
    char text[32];
    int count = snprintf(text, sizeof text, "child %d", (int)child);
    host->log(context, BERTH_LOG_INFO, text, (size_t)count, NULL, 0);
    for (;;) poll(NULL, 0, -1);
}

#define COMPONENT(name, text)                                                                                          \
    { .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = text, .flags = BERTH_FLAG_SUBPROCESS,  \
      .vtable = &(const berth_handler){.struct_size = sizeof(berth_handler), .execute = name} }

static const berth_component components[] = {
    COMPONENT(replace_guest, "replace-guest"),
    COMPONENT(leave_child, "leave-child"),
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "outliving";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
