/* The memory of one call: inputs, outputs between guards, and whatever else has to live as long. */
#ifndef BUFFERS_H
#define BUFFERS_H

#include "berth_plugin.h"
#include "description.h"

typedef struct buffer {
    const char *name;
    unsigned char *bytes; /* the guards are before and behind them */
    size_t capacity;
    int is_output;
    const void *final; /* where the function leaves its length; null: all of it counts */
    type_code final_type;
} buffer;

typedef struct buffers {
    buffer all[MOST_ARGUMENTS];
    size_t count;
    void *kept[4 * MOST_ARGUMENTS];
    size_t kept_count;
} buffers;

/* Reads the inputs, then makes the outputs, whose size may depend on them. */
berth_status buffers_fill(buffers *b, const berth_host *host, berth_context *context, json_value params,
                          const argument *arguments, size_t count);

buffer *buffers_find(buffers *b, const char *name);

/* Bytes that count after the call, never more than there are. */
size_t buffer_length(const buffer *it);

/* Doubles every output; 0 when one would pass 1 GiB or memory is short. */
int buffers_grow(buffers *b);

/* Are all guards as they were? */
int buffers_are_whole(const buffers *b);

/* Frees `memory` with the rest; answers it, null when it is null or there is no room. */
void *buffers_keep(buffers *b, void *memory);

/* Frees what was kept, before the call is made again. */
void buffers_forget(buffers *b);
void buffers_free(buffers *b);

#endif
