/* A Berth plugin with one processor. Everything a plugin may do is said in berth_plugin.h. */
#include "berth_plugin.h"
#include "failure.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

/* The services of the host: log, progress, emit, cancellation and so on. */
static const berth_host *host;

/* What one attempt needs from init to destroy. */
typedef struct greeting {
    char *name;
    int64_t times;
} greeting;

static void hello_destroy(void *self) {
    greeting *it = self;
    free(it->name);
    free(it);
}

/* Everything that `params` points to is gone after the return: keep copies. */
static berth_status hello_init(berth_context *context, const void *params, size_t length, void **self) {
    json_value root;
    json_parse(params, length, &root);
    greeting *it = calloc(1, sizeof *it);
    if (!it) return BERTH_RETRY;
    it->name = json_text(json_member(root, "name"));
    it->times = 3;
    json_value times = json_member(root, "times");
    int is_good = it->name && (times.kind == JSON_NONE || json_integer(times, &it->times)) && it->times >= 1;
    if (!is_good) {
        hello_destroy(it);
        return failure(host, context, BERTH_FAIL_PARAMS, "give a name: {\"name\": \"Ada\"}, and times of 1 or more");
    }
    *self = it;
    return BERTH_OK;
}

/* BERTH_OK to run on, or what to return. */
static berth_status asked(berth_context *context) {
    if (host->cancel_state(context) == BERTH_RUN_ON) return BERTH_OK;
    return host->monotonic_ns() < host->deadline_ns(context) ? BERTH_CANCELLED : BERTH_TIMED_OUT;
}

static berth_status greet(berth_context *context, const greeting *it) {
    json_writer out = {0};
    json_put_raw(&out, "{\"greeting\":\"Hello, ");
    json_put_escaped(&out, it->name, strlen(it->name));
    json_put_raw(&out, "!\"}\n");
    berth_status status = out.failed ? BERTH_RETRY : host->emit(context, out.bytes, out.length, 0);
    json_writer_free(&out);
    return status;
}

/* The work, in steps: each looks whether to go on and says how far it is. `input->stage` tells apart the parts of a run
 * that was divided with emit_children; a run that is whole has BERTH_STAGE_SINGLE. */
static berth_status hello_run(berth_context *context, void *self, const berth_input *input) {
    (void)input;
    const greeting *it = self;
    for (int64_t step = 1; step <= it->times; step++) {
        berth_status status = asked(context);
        if (status == BERTH_OK) status = greet(context, it);
        if (status != BERTH_OK) return status;
        host->progress(context, (uint64_t)step, (uint64_t)it->times, "greeting", 8);
    }
    return BERTH_OK;
}

/* `stop` is left out: run looks at cancel_state. Give one when run waits for something that another thread can end. */
static const berth_processor hello_processor = {
    .struct_size = sizeof(berth_processor),
    .init = hello_init,
    .run = hello_run,
    .destroy = hello_destroy,
};

/* More components are added here, each with an id of its own, of this kind or of another. */
static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_PROCESSOR,
        .id = "hello",
        .title = "Greets somebody several times",
        .params_schema = "{\"type\":\"object\",\"required\":[\"name\"],\"additionalProperties\":false,"
                         "\"properties\":{\"name\":{\"type\":\"string\"},"
                         "\"times\":{\"type\":\"integer\",\"minimum\":1,\"default\":3}}}",
        .result_type = "application/x-ndjson",
        .flags = BERTH_FLAG_COOPERATIVE,
        .vtable = &hello_processor,
    },
};

/* The one function the host looks for. */
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "plugin-name";
    out->version = "0.1.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
