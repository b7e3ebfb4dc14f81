/* A plugin whose id, version and vices are chosen by macros. */
#ifdef ENTRY_IS_ODD
#define berth_plugin_v1 not_this_one
#endif
#include "berth_plugin.h"
#undef berth_plugin_v1

#include <stdlib.h>
#include <unistd.h>

#ifndef PLUGIN_ID
#define PLUGIN_ID "sample"
#endif
#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION "1.0.0"
#endif

/* For tests that have no guest: they read it from the file. */
__attribute__((used)) static const char mark[] = "MARK " PLUGIN_ID " " PLUGIN_VERSION " ";

#ifdef NEEDS_NOBODY
extern int nobody_defines_this(void);
__attribute__((used)) int (*need)(void) = nobody_defines_this;
#endif

#ifdef CONSTRUCTOR_HANGS
__attribute__((constructor)) static void hang(void) {
    for (;;) pause();
}
#endif

#ifdef CONSTRUCTOR_CRASHES
__attribute__((constructor)) static void crash(void) { *(volatile int *)8 = 1; }
#endif

#ifdef UNWINDS
/* Of libgcc_s.so.1, with a version. */
extern int _Unwind_Backtrace(void *, void *);
__attribute__((used)) static int (*unwind)(void *, void *) = _Unwind_Backtrace;
#endif

#ifdef ENTRY_IS_USED
extern void berth_plugin_v1(void);
__attribute__((used)) static void (*wanted)(void) = berth_plugin_v1;
#endif

static const berth_host *host;

static berth_status noop(berth_context *context, const void *params, size_t length) {
    (void)context, (void)params, (void)length;
#ifdef CRASHES
    *(volatile int *)8 = 1;
#endif
#ifdef TELLS_VERSION
    return host->emit(context, PLUGIN_VERSION, sizeof PLUGIN_VERSION - 1, 0);
#endif
#ifdef RUNS_LONG
    for (;;) pause();
#endif
    return getpid() == 0 ? BERTH_FAIL : BERTH_OK;
}

static const berth_handler handler = {.struct_size = sizeof(berth_handler), .execute = noop};

static const berth_component components[] = {
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "noop", .vtable = &handler},
};

static berth_status fill(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = PLUGIN_ID;
    out->version = PLUGIN_VERSION;
    out->components = components;
    out->component_count = 1;
    return BERTH_OK;
}

#if defined(ENTRY_IS_HIDDEN)
__attribute__((visibility("hidden"))) berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    return fill(given, out);
}
#elif defined(ENTRY_IS_DATA)
__attribute__((visibility("default"))) void *berth_plugin_v1 = (void *)fill;
#elif defined(ENTRY_IS_OTHER)
__attribute__((visibility("default"))) berth_status ENTRY_IS_OTHER(const berth_host *given, berth_plugin *out) {
    return fill(given, out);
}
#elif defined(ENTRY_IS_USED)
__attribute__((used)) static berth_entry kept = fill;
#else
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) { return fill(given, out); }
#endif
