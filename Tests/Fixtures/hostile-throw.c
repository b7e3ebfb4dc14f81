/* A C++ exception, thrown the way a C++ compiler does it, that nobody above the plugin catches. */
#include "berth_plugin.h"

#include <stddef.h>

extern void *__cxa_allocate_exception(size_t size);
extern void __cxa_throw(void *thrown, void *type, void (*destroy)(void *)) __attribute__((noreturn));
extern void *_ZTIi; /* typeid(int) */

static berth_status throw_through_c(berth_context *context, const void *params, size_t length) {
    (void)context, (void)params, (void)length;
    int *thrown = __cxa_allocate_exception(sizeof *thrown);
    *thrown = 7;
    __cxa_throw(thrown, &_ZTIi, NULL);
}

static const berth_component components[] = {{
    .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "throw",
    .vtable = &(const berth_handler){.struct_size = sizeof(berth_handler), .execute = throw_through_c},
}};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *host, berth_plugin *out) {
    (void)host;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "hostile-throw";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = 1;
    return BERTH_OK;
}
