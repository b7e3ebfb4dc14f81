/* A plugin that uses the services which ask the host, and says in its output what they answered. Its vtables hold the
 * obligatory functions alone. */
#include "berth_plugin.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const berth_host *host;
static char configuration[256];

static void say(berth_context *context, const char *text) { host->emit(context, text, strlen(text), 0); }

static void say_number(berth_context *context, const char *name, long long number) {
    char text[100];
    snprintf(text, sizeof text, "%s=%lld ", name, number);
    say(context, text);
}

/* ---- map and reduce: 3 children, the one in the middle fails ---------------------------------------------------- */

static berth_child child(const char *params, size_t length) {
    return (berth_child){.struct_size = sizeof(berth_child), .name = "part", .name_length = 4, .params = params,
                         .params_length = length};
}

static berth_status emit_one(berth_context *context, const char *params, size_t length) {
    berth_child one = child(params, length);
    return host->emit_children(context, &one, 1);
}

static berth_status refuses_what_is_too_much(berth_context *context) {
    static berth_child many[1001];
    static char large[65537];
    for (int i = 0; i < 1001; i++) many[i] = child("{}", 2);
    memset(large, ' ', sizeof large);
    large[0] = '{';
    if (host->emit_children(context, many, 1001) != BERTH_TOO_LARGE) return BERTH_FAIL;
    if (emit_one(context, large, sizeof large) != BERTH_TOO_LARGE) return BERTH_FAIL + 1;
    if (emit_one(context, "[]", 2) != BERTH_FAIL_PARAMS) return BERTH_FAIL + 2;
    if (host->emit_children(context, NULL, 1) != BERTH_BAD_CALL) return BERTH_FAIL + 3;
    many[0].struct_size = 8;
    if (host->emit_children(context, many, 1) != BERTH_BAD_CALL) return BERTH_FAIL + 4;
    return BERTH_OK;
}

static berth_status root(berth_context *context) {
    const void *bytes;
    size_t length;
    berth_status status = refuses_what_is_too_much(context);
    if (status != BERTH_OK) return status;
    if (host->next_result(context, &bytes, &length, &status) != BERTH_BAD_CALL) return BERTH_FAIL + 5;
    static char large[65536];
    memset(large, ' ', sizeof large);
    memcpy(large, "{}", 2);
    status = emit_one(context, "{\"a\":1}", 7);
    if (status == BERTH_OK) status = emit_one(context, "{\"b\":2}", 7);
    return status == BERTH_OK ? emit_one(context, large, sizeof large) : status;
}

static berth_status part(berth_context *context, const berth_input *input) {
    if (input->child_index == 1) {
        host->set_error(context, BERTH_FAIL_INPUT, 0, "no luck", 7);
        return BERTH_FAIL_INPUT;
    }
    return host->emit(context, input->params, input->params_length, 0);
}

static berth_status reduce(berth_context *context, const berth_input *input) {
    const void *bytes;
    size_t length;
    berth_status status, answer;
    if (emit_one(context, "{}", 2) != BERTH_BAD_CALL) return BERTH_FAIL + 6;
    say_number(context, "children", (long long)input->child_count);
    while ((answer = host->next_result(context, &bytes, &length, &status)) == BERTH_OK) {
        say_number(context, "status", status);
        say_number(context, "length", (long long)length);
        if (length < 100) host->emit(context, bytes, length, 0);
        say(context, " ");
    }
    say_number(context, "end", answer);
    return BERTH_OK;
}

static berth_status family(berth_context *context, void *self, const berth_input *input) {
    (void)self;
    switch (input->stage) {
    case BERTH_STAGE_ROOT: return root(context);
    case BERTH_STAGE_CHILD: return part(context, input);
    case BERTH_STAGE_REDUCE: return reduce(context, input);
    default: return BERTH_FAIL + 7;
    }
}

/* Emits and then dies: nothing of it may be seen. */
static berth_status emit_and_die(berth_context *context, void *self, const berth_input *input) {
    (void)self, (void)input;
    emit_one(context, "{}", 2);
    abort();
}

/* ---- state ------------------------------------------------------------------------------------------------------ */

static berth_status get(berth_context *context, const char *key, void *buffer, size_t *length, uint64_t *version) {
    return host->kv_get(context, key, strlen(key), buffer, length, version);
}

static berth_status count(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    char number[20] = "0", long_key[513] = {0};
    size_t size = sizeof number - 1;
    uint64_t version = 0;
    berth_status found = get(context, "count", number, &size, &version);
    if (found == BERTH_OK) number[size] = 0;
    snprintf(number, sizeof number, "%d", atoi(number) + 1);
    berth_status put = host->kv_put(context, "count", 5, number, strlen(number), version);
    say_number(context, "count", atoi(number));
    say_number(context, "version", (long long)version);
    say_number(context, "put", put);
    say_number(context, "stale", host->kv_put(context, "count", 5, "x", 1, version));
    size = 0;
    say_number(context, "small", get(context, "count", NULL, &size, NULL));
    say_number(context, "size", (long long)size);
    memset(long_key, 'k', sizeof long_key);
    say_number(context, "long", host->kv_put(context, long_key, sizeof long_key, "x", 1, UINT64_MAX));
    static char large[256 << 10];
    memset(large, 'v', sizeof large);
    say_number(context, "large", host->kv_put(context, "large", 5, large, sizeof large, UINT64_MAX));
    memset(large, 0, sizeof large);
    size = sizeof large;
    say_number(context, "read", get(context, "large", large, &size, NULL));
    say_number(context, "same", size == sizeof large && large[0] == 'v' && large[size - 1] == 'v');
    size = 1;
    say_number(context, "missing", get(context, "missing", large, &size, NULL));
    return BERTH_OK;
}

/* ---- time, identity, what the operator gave --------------------------------------------------------------------- */

static berth_status longer(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    int64_t before = host->deadline_ns(context);
    berth_status status = host->extend(context, 1000);
    if (before == INT64_MAX) return status;
    say_number(context, "granted", status);
    say_number(context, "moved", (host->deadline_ns(context) - before) / 1000000);
    say_number(context, "refused", host->extend(context, 3600 * 1000));
    return BERTH_OK;
}

static berth_status about(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    berth_ids ids = {.struct_size = sizeof ids};
    host->ids(context, &ids);
    host->emit(context, ids.traceparent, ids.traceparent_length, 0);
    say(context, " ");
    say(context, configuration);
    const berth_secret *secrets = host->extension(BERTH_EXTENSION_SECRET);
    char value[100];
    size_t size = sizeof value;
    if (!secrets) return BERTH_OK;
    say_number(context, " unknown", secrets->get("nothing", 7, value, &size));
    if (secrets->get("token", 5, value, &size) == BERTH_OK) host->emit(context, value, size, 0);
    return host->extension("berth.none/1") ? BERTH_FAIL : BERTH_OK;
}

/* Says nothing for as long as it is let; `lively` says something all the time, for half a second. */
static berth_status silent(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    struct pollfd stop = {.fd = host->cancel_descriptor(context), .events = POLLIN};
    poll(&stop, 1, -1);
    return BERTH_CANCELLED;
}

static berth_status lively(berth_context *context, const void *params, size_t length) {
    (void)params, (void)length;
    for (int i = 0; i < 25; i++) {
        host->heartbeat(context);
        poll(NULL, 0, 20);
    }
    return BERTH_OK;
}

static berth_status work(berth_context *context, void *self) {
    say_number(context, "self", self == NULL);
    return BERTH_OK;
}

static const berth_processor family_processor = {.struct_size = sizeof(berth_processor), .run = family};
static const berth_processor dying_processor = {.struct_size = sizeof(berth_processor), .run = emit_and_die};
static const berth_runner work_runner = {.struct_size = sizeof(berth_runner), .execute = work};
static const berth_handler count_handler = {.struct_size = sizeof(berth_handler), .execute = count};
static const berth_handler longer_handler = {.struct_size = sizeof(berth_handler), .execute = longer};
static const berth_handler about_handler = {.struct_size = sizeof(berth_handler), .execute = about};

static const berth_handler silent_handler = {.struct_size = sizeof(berth_handler), .execute = silent};
static const berth_handler lively_handler = {.struct_size = sizeof(berth_handler), .execute = lively};

#define COMPONENT(KIND, NAME, TABLE) \
    {.struct_size = sizeof(berth_component), .kind = KIND, .id = NAME, .vtable = TABLE}

static const berth_component components[] = {
    COMPONENT(BERTH_KIND_PROCESSOR, "family", &family_processor),
    COMPONENT(BERTH_KIND_PROCESSOR, "emit-and-die", &dying_processor),
    COMPONENT(BERTH_KIND_RUNNER, "work", &work_runner),
    COMPONENT(BERTH_KIND_HANDLER, "count", &count_handler),
    COMPONENT(BERTH_KIND_HANDLER, "longer", &longer_handler),
    COMPONENT(BERTH_KIND_HANDLER, "about", &about_handler),
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "silent", .stall_ms = 250,
     .vtable = &silent_handler},
    {.struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = "lively", .stall_ms = 250,
     .max_input_bytes = 100, .vtable = &lively_handler},
};

/* Without a configuration the plugin is of no use; reading its descriptor needs none. */
static berth_status start(const void *config, size_t length) {
    if (length >= sizeof configuration || length <= 2) return BERTH_FAIL_CONFIG;
    memcpy(configuration, config, length);
    return BERTH_OK;
}

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "services";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    out->start = start;
    return BERTH_OK;
}
