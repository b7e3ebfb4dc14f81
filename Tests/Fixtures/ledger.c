/* A plugin that keeps its own account of what it did: each attempt appends lines to the file its params name, synced before
 * it goes on. A line is `WORD KEY RUN START INDEX`. */
#include "berth_plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const berth_host *host;

/* A text or number of params that the tests write: no escapes, no nesting. Empty when it is not there. */
static void member(const void *params, size_t length, const char *name, char *value, size_t size) {
    char text[2048], wanted[64];
    snprintf(text, sizeof text, "%.*s", (int)length, (const char *)params);
    snprintf(wanted, sizeof wanted, "\"%s\":", name);
    value[0] = 0;
    const char *place = strstr(text, wanted);
    if (!place) return;
    place += strlen(wanted);
    while (*place == ' ' || *place == '"') place++;
    size_t count = strcspn(place, "\",}");
    snprintf(value, size, "%.*s", (int)count, place);
}

static int number(const void *params, size_t length, const char *name) {
    char text[16];
    member(params, length, name, text, sizeof text);
    return atoi(text);
}

static berth_ids ids(berth_context *context) {
    berth_ids ids = {.struct_size = sizeof ids};
    host->ids(context, &ids);
    return ids;
}

static berth_status note(
    berth_context *context, const char *word, const void *params, size_t length, unsigned long long index) {
    char path[1024], key[64], line[256];
    member(params, length, "path", path, sizeof path);
    member(params, length, "key", key, sizeof key);
    berth_ids who = ids(context);
    int count = snprintf(line, sizeof line, "%s %s %llu %u %llu\n", word, key, (unsigned long long)who.run,
                         who.start_number, index);
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return BERTH_FAIL_INPUT;
    int written = write(file, line, (size_t)count) == count && fsync(file) == 0;
    close(file);
    return written ? BERTH_OK : BERTH_RETRY;
}

/* {"path", "key", "fail": n, "crash": n}: fails or dies in its first n attempts, after the effect. */
static berth_status append(berth_context *context, const void *params, size_t length) {
    berth_status status = note(context, "did", params, length, 0);
    if (status != BERTH_OK) return status;
    int start = (int)ids(context).start_number;
    if (start <= number(params, length, "crash")) abort();
    return start <= number(params, length, "fail") ? BERTH_RETRY : BERTH_OK;
}

static berth_status emit(berth_context *context, const berth_input *input) {
    int parts = number(input->params, input->params_length, "parts");
    for (int i = 0; i < parts; i++) {
        berth_child child = {.struct_size = sizeof child, .params = input->params,
                             .params_length = input->params_length};
        berth_status status = host->emit_children(context, &child, 1);
        if (status != BERTH_OK) return status;
    }
    return note(context, "mapped", input->params, input->params_length, (unsigned long long)parts);
}

/* The index of the line is the number of children that succeeded, each seen once. */
static berth_status reduce(berth_context *context, const berth_input *input) {
    const void *bytes;
    size_t length;
    berth_status status, answer;
    unsigned long long good = 0, seen = 0;
    while ((answer = host->next_result(context, &bytes, &length, &status)) == BERTH_OK) {
        seen++;
        if (status == BERTH_OK) good++;
    }
    if (answer != BERTH_NOT_FOUND) return BERTH_RETRY;
    if (seen != input->child_count) return BERTH_FAIL_INPUT;
    return note(context, "reduced", input->params, input->params_length, good);
}

static berth_status family(berth_context *context, void *self, const berth_input *input) {
    (void)self;
    switch (input->stage) {
    case BERTH_STAGE_ROOT: return emit(context, input);
    case BERTH_STAGE_CHILD: return note(context, "part", input->params, input->params_length, input->child_index);
    default: return reduce(context, input);
    }
}

static const berth_handler append_handler = {.struct_size = sizeof(berth_handler), .execute = append};
static const berth_processor family_processor = {.struct_size = sizeof(berth_processor), .run = family};

static const berth_component components[] = {
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "append", .vtable = &append_handler},
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_PROCESSOR, .id = "family",
     .vtable = &family_processor},
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "ledger";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
