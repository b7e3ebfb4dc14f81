#include "buffers.h"
#include "failure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GUARD 64
#define MOST_BYTES ((size_t)1 << 30)

/* `capacity` bytes between guards. */
static unsigned char *guarded(size_t capacity) {
    unsigned char *memory = malloc(capacity + 2 * GUARD);
    if (!memory) return NULL;
    memset(memory, 0xA5, GUARD);
    memset(memory + GUARD + capacity, 0xA5, GUARD);
    return memory + GUARD;
}

static void release(buffer *it) {
    if (it->bytes) free(it->bytes - GUARD);
    it->bytes = NULL;
}

int buffers_are_whole(const buffers *b) {
    for (size_t i = 0; i < b->count; i++)
        for (size_t k = 0; k < GUARD; k++)
            if (b->all[i].bytes[-1 - (ptrdiff_t)k] != 0xA5 || b->all[i].bytes[b->all[i].capacity + k] != 0xA5) return 0;
    return 1;
}

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

/* Reads to the end; 0, or an error number. */
static int read_all(FILE *file, buffer *it) {
    size_t room = 1 << 16, count;
    unsigned char *bytes = malloc(room);
    while (bytes && (count = fread(bytes + it->capacity, 1, room - it->capacity, file)) > 0) {
        it->capacity += count;
        if (it->capacity < room) continue;
        if (room >= MOST_BYTES) return free(bytes), EFBIG;
        unsigned char *grown = realloc(bytes, room *= 2);
        if (!grown) free(bytes);
        bytes = grown;
    }
    if (!bytes) return ENOMEM;
    int error = ferror(file) ? errno : 0;
    it->bytes = error ? NULL : guarded(it->capacity);
    if (it->bytes && it->capacity) memcpy(it->bytes, bytes, it->capacity);
    free(bytes);
    return error ? error : it->bytes ? 0 : ENOMEM;
}

static berth_status read_file(const berth_host *host, berth_context *context, const char *path, buffer *it) {
    FILE *file = fopen(path, "rb");
    int error = file ? read_all(file, it) : errno;
    if (file) fclose(file);
    if (!error) return BERTH_OK;
    int is_refused = error == EACCES || error == EPERM;
    return failure(host, context, error == ENOMEM ? BERTH_RETRY : BERTH_FAIL_INPUT, "%s cannot be read: %s%s", path,
                   strerror(error), is_refused ? "; was it granted with access.read or --read?" : "");
}

static berth_status fill_input(buffers *b, const berth_host *host, berth_context *context, json_value params,
                               const argument *a) {
    json_value value = json_member(params, a->name);
    char *text = json_text(value);
    if (!text)
        return failure(host, context, BERTH_FAIL_PARAMS, "\"%s\" must be a text%s", a->name,
                       a->binding == BIND_FILE ? ", the path of a file" : " without NUL");
    buffer *it = &b->all[b->count++];
    *it = (buffer){.name = a->name};
    berth_status status = BERTH_OK;
    if (a->binding == BIND_FILE) {
        status = read_file(host, context, text, it);
    } else {
        it->capacity = strlen(text);
        it->bytes = guarded(it->capacity);
        if (it->bytes) memcpy(it->bytes, text, it->capacity);
        else status = BERTH_RETRY;
    }
    free(text);
    return status;
}

/* ---- outputs ----------------------------------------------------------------------------------------------------- */

static berth_status make_output(buffers *b, const berth_host *host, berth_context *context, const argument *a) {
    const buffer *input = a->of ? buffers_find(b, a->of) : NULL;
    buffer *it = &b->all[b->count++];
    *it = (buffer){.name = a->name, .is_output = 1};
    size_t more = 0;
    int is_huge = a->capacity > MOST_BYTES || (input && __builtin_mul_overflow(input->capacity, a->per_byte, &more)) ||
                  more > MOST_BYTES || a->capacity + more > MOST_BYTES;
    if (is_huge) return failure(host, context, BERTH_FAIL_INPUT, "\"%s\" would need more than 1 GiB", a->name);
    it->capacity = (size_t)a->capacity + more;
    it->bytes = guarded(it->capacity);
    if (!it->bytes) return BERTH_RETRY;
    memset(it->bytes, 0, it->capacity);
    return BERTH_OK;
}

/* The arguments that are inputs, or those that are outputs; those in structs too. */
static berth_status fill(buffers *b, const berth_host *host, berth_context *context, json_value params,
                         const argument *arguments, size_t count, int outputs) {
    berth_status status = BERTH_OK;
    for (size_t i = 0; status == BERTH_OK && i < count; i++) {
        const argument *a = &arguments[i];
        int is_input = a->binding == BIND_TEXT || a->binding == BIND_FILE, is_output = a->binding == BIND_OUTPUT;
        int is_new = a->name && !buffers_find(b, a->name);
        if ((outputs ? is_output : is_input) && is_new) {
            if (b->count == MOST_ARGUMENTS) return BERTH_FAIL;
            status = outputs ? make_output(b, host, context, a) : fill_input(b, host, context, params, a);
        }
        if (status == BERTH_OK) status = fill(b, host, context, params, a->fields, a->field_count, outputs);
    }
    return status;
}

berth_status buffers_fill(buffers *b, const berth_host *host, berth_context *context, json_value params,
                          const argument *arguments, size_t count) {
    berth_status status = fill(b, host, context, params, arguments, count, 0);
    return status == BERTH_OK ? fill(b, host, context, params, arguments, count, 1) : status;
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

buffer *buffers_find(buffers *b, const char *name) {
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->all[i].name, name) == 0) return &b->all[i];
    return NULL;
}

size_t buffer_length(const buffer *it) {
    if (!it->final) return it->capacity;
    uint64_t length = 0;
    memcpy(&length, it->final, type_size(it->final_type));
    return length < it->capacity ? (size_t)length : it->capacity;
}

int buffers_grow(buffers *b) {
    for (size_t i = 0; i < b->count; i++) {
        buffer *it = &b->all[i];
        if (!it->is_output) continue;
        if (it->capacity > MOST_BYTES / 2) return 0;
        unsigned char *bytes = guarded(it->capacity * 2 + 1);
        if (!bytes) return 0;
        release(it);
        it->bytes = bytes;
        it->capacity = it->capacity * 2 + 1;
        memset(bytes, 0, it->capacity);
    }
    return 1;
}

void *buffers_keep(buffers *b, void *memory) {
    if (memory && b->kept_count < sizeof b->kept / sizeof b->kept[0]) return b->kept[b->kept_count++] = memory;
    free(memory);
    return NULL;
}

void buffers_forget(buffers *b) {
    while (b->kept_count > 0) free(b->kept[--b->kept_count]);
}

void buffers_free(buffers *b) {
    for (size_t i = 0; i < b->count; i++) release(&b->all[i]);
    buffers_forget(b);
}
