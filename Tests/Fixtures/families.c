/* Families that several hosts make together. `squares` maps numbers and adds up their squares; `everywhere` is run once on
 * each host, with a word before and one after; `beat` is launched again and again. */
#include "berth_plugin.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const berth_host *host;

static berth_status say(berth_context *context, const char *text) { return host->emit(context, text, strlen(text), 0); }

static berth_status fail(berth_context *context, berth_status code, const char *text) {
    host->set_error(context, code, 0, text, strlen(text));
    return code;
}

/* A number of params that the tests write; -1 when it is not there. */
static long number(const berth_input *input, const char *name) {
    char text[512], wanted[64];
    snprintf(text, sizeof text, "%.*s", (int)input->params_length, (const char *)input->params);
    snprintf(wanted, sizeof wanted, "\"%s\":", name);
    const char *place = strstr(text, wanted);
    return place ? strtol(place + strlen(wanted), NULL, 10) : -1;
}

static berth_status rest(berth_context *context, const berth_input *input) {
    struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
    long milliseconds = number(input, "ms");
    return poll(&stop, 1, milliseconds > 0 ? (int)milliseconds : 0) != 0 ? BERTH_CANCELLED : BERTH_OK;
}

/* {"count": n, "ms": each, "bad": index}: the child with that index fails. */
static berth_status map(berth_context *context, const berth_input *input) {
    for (long i = 0; i < number(input, "count"); i++) {
        char params[128];
        int length = snprintf(params, sizeof params, "{\"n\":%ld,\"ms\":%ld,\"bad\":%ld}", i, number(input, "ms"),
                              number(input, "bad"));
        berth_child child = {.struct_size = sizeof child, .name = "square", .name_length = 6, .params = params,
                             .params_length = (size_t)length};
        berth_status status = host->emit_children(context, &child, 1);
        if (status != BERTH_OK) return status;
    }
    return BERTH_OK;
}

static berth_status square(berth_context *context, const berth_input *input) {
    berth_status status = rest(context, input);
    if (status != BERTH_OK) return status;
    long n = number(input, "n");
    if (n != (long)input->child_index) return fail(context, BERTH_FAIL, "this is another child's");
    if (n == number(input, "bad")) return fail(context, BERTH_FAIL, "this one is bad");
    char text[32];
    snprintf(text, sizeof text, "%ld", n * n);
    return say(context, text);
}

static berth_status sum(berth_context *context, const berth_input *input) {
    const void *bytes;
    size_t length;
    berth_status status, answer;
    long long total = 0;
    int seen = 0, bad = 0;
    while ((answer = host->next_result(context, &bytes, &length, &status)) == BERTH_OK) {
        char text[64];
        snprintf(text, sizeof text, "%.*s", (int)length, (const char *)bytes);
        if (status == BERTH_OK) total += atoll(text); else bad++;
        seen++;
    }
    if (answer != BERTH_NOT_FOUND || seen != (int)input->child_count) return BERTH_RETRY;
    char text[64];
    snprintf(text, sizeof text, bad ? "%d: %lld without %d" : "%d: %lld", seen, total, bad);
    return say(context, text);
}

static berth_status squares(berth_context *context, void *self, const berth_input *input) {
    (void)self;
    switch (input->stage) {
    case BERTH_STAGE_ROOT: return map(context, input);
    case BERTH_STAGE_CHILD: return square(context, input);
    default: return sum(context, input);
    }
}

/* {"width": w, "depth": d}: each child maps again until the depth is used up; reduce counts them all. */
static berth_status tree(berth_context *context, void *self, const berth_input *input) {
    (void)self;
    long depth = number(input, "depth"), width = number(input, "width");
    if (input->stage == BERTH_STAGE_REDUCE) return sum(context, input);
    berth_status status = rest(context, input);
    for (long i = 0; status == BERTH_OK && depth > 0 && i < width; i++) {
        char params[96];
        int length = snprintf(params, sizeof params, "{\"width\":%ld,\"depth\":%ld,\"ms\":%ld}", width, depth - 1,
                              number(input, "ms"));
        berth_child child = {.struct_size = sizeof child, .name = "leaf", .name_length = 4, .params = params,
                             .params_length = (size_t)length};
        status = host->emit_children(context, &child, 1);
    }
    return status == BERTH_OK ? say(context, "1") : status;
}

static berth_status everywhere(berth_context *context, void *self, const berth_input *input) {
    (void)self;
    char text[64];
    switch (input->stage) {
    case BERTH_STAGE_ROOT: return number(input, "unwell") == 1 ? fail(context, BERTH_FAIL, "not today") : BERTH_OK;
    case BERTH_STAGE_CHILD: {
        berth_status status = rest(context, input);
        if (number(input, "maps") == 1) map(context, input);
        snprintf(text, sizeof text, "%llu", (unsigned long long)input->child_index);
        return status == BERTH_OK ? say(context, text) : status;
    }
    default: {
        const void *bytes;
        size_t length;
        berth_status status;
        int good = 0;
        while (host->next_result(context, &bytes, &length, &status) == BERTH_OK) good += status == BERTH_OK;
        snprintf(text, sizeof text, "swept %d of %u", good, (unsigned)input->child_count);
        return say(context, text);
    }
    }
}

/* {"ms": each, "unwell": 1} */
static berth_status beat(berth_context *context, const void *params, size_t length) {
    berth_input input = {.params = params, .params_length = length};
    berth_status status = rest(context, &input);
    if (status != BERTH_OK) return status;
    return number(&input, "unwell") == 1 ? fail(context, BERTH_FAIL, "queue unreachable") : say(context, "ok");
}

static const berth_processor squares_processor = {.struct_size = sizeof(berth_processor), .run = squares};
static const berth_processor tree_processor = {.struct_size = sizeof(berth_processor), .run = tree};
static const berth_processor everywhere_processor = {.struct_size = sizeof(berth_processor), .run = everywhere};
static const berth_handler beat_handler = {.struct_size = sizeof(berth_handler), .execute = beat};

#define COMPONENT(what, name, table)                                                                                   \
    { .struct_size = sizeof(berth_component), .kind = what, .id = name, .flags = BERTH_FLAG_COOPERATIVE, .vtable = table }

static const berth_component components[] = {
    COMPONENT(BERTH_KIND_PROCESSOR, "squares", &squares_processor),
    COMPONENT(BERTH_KIND_PROCESSOR, "tree", &tree_processor),
    COMPONENT(BERTH_KIND_PROCESSOR, "everywhere", &everywhere_processor),
    COMPONENT(BERTH_KIND_HANDLER, "beat", &beat_handler),
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "families";
    out->version = "1.0.0";
    out->vendor = "berth tests";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
