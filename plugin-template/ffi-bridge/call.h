/* One call of a foreign function, while it is made. */
#ifndef CALL_H
#define CALL_H

#include "bridge.h"
#include "buffers.h"

#include <ffi.h>

typedef struct prepared_call {
    ffi_cif cif;
    ffi_type *types[MOST_ARGUMENTS];
} prepared_call;

/* Something that the function sets and the run emits. */
typedef struct output {
    const char *name;
    type_code type;
    const void *place;
} output;

struct call;

/* A C function that ends up at the run. */
typedef struct bound_callback {
    struct call *call;
    const callback *callback;
    ffi_closure *closure;
    void *code; /* where the library calls */
} bound_callback;

typedef struct call {
    const berth_host *host;
    berth_context *context;
    const component *component;
    json_value params;
    prepared_call *function;
    buffers buffers;
    union {
        ffi_arg whole;
        double real;
        float narrow;
        void *pointer;
        uint64_t bits;
    } result;
    output outputs[2 * MOST_ARGUMENTS];
    size_t output_count;
    bound_callback callbacks[MOST_ARGUMENTS];
    size_t callback_count;
} call;

/* The C function for a callback; null when none can be made. Good until callbacks_free. */
void *callback_make(call *c, const callback *it);
void callbacks_free(call *c);

#endif
