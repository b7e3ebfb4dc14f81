/* The handlers `run`, a container from its image to its end, and `action`, what else is done with containers. */
#include "berth_plugin.h"
#include "actions.h"
#include "engine.h"
#include "failure.h"
#include "run.h"
#include "settings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

const berth_host *host;

static void begin(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

/* This engine and no other, however the server calls it. */
static const char *judge_engine(json_value params) {
    char *runtime = json_text(json_member(params, "runtime")), *connection = json_text(json_member(params, "connection"));
    const char *fault = NULL;
    if (runtime && *runtime && strcmp(runtime, "docker") != 0) fault = "only engines with Docker's API are spoken to, not \"runtime\" containerd";
    else if ((connection && *connection && strcmp(connection, "unix") != 0) || json_member(params, "host").kind != JSON_NONE)
        fault = "the engine is reached by its Unix socket alone: over TCP it would be open to the network";
    else if (json_member(params, "socket").kind != JSON_NONE)
        fault = "the socket is the operator's to say: plugins: {container: {config: {socket: …}}} in berth.yaml";
    free(runtime);
    free(connection);
    return fault;
}

static berth_status execute(berth_context *context, const void *params, size_t length,
                            berth_status (*act)(berth_context *context, json_value params)) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_value root;
    if (settings.fault) return failure(host, context, BERTH_FAIL_CONFIG, "%s", settings.fault);
    if (!json_parse(params, length, &root) || root.kind != JSON_OBJECT)
        return failure(host, context, BERTH_FAIL_PARAMS, "the params must be a JSON object");
    const char *fault = judge_engine(root);
    if (fault) return failure(host, context, BERTH_FAIL_PARAMS, "%s", fault);
    pthread_once(&once, begin);
    return act(context, root);
}

static berth_status run_to_its_end(berth_context *context, json_value params) { return run_container(context, params, 0); }

static berth_status execute_run(berth_context *context, const void *params, size_t length) {
    return execute(context, params, length, run_to_its_end);
}

static berth_status execute_action(berth_context *context, const void *params, size_t length) {
    return execute(context, params, length, action_run);
}

static berth_status start(const void *config, size_t length) {
    settings_read(config, length);
    return BERTH_OK;
}

static const berth_handler run = {.struct_size = sizeof(berth_handler), .execute = execute_run};
static const berth_handler action = {.struct_size = sizeof(berth_handler), .execute = execute_action};

#define TEXT "{\"type\":\"string\"}"
#define FLAG "{\"type\":\"boolean\"}"
#define TEXTS "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
/* `namespace` and `lines` mean nothing to this engine, as with the server's own runner. */
#define ENGINE \
    "\"runtime\":" TEXT ",\"connection\":" TEXT ",\"socket\":" TEXT ",\"host\":" TEXT ",\"namespace\":" TEXT ",\"lines\":{\"type\":\"integer\"}"
#define RUN \
    "\"image\":" TEXT ",\"command\":{},\"entrypoint\":{},\"env\":{},\"name\":" TEXT ",\"user\":" TEXT ",\"cwd\":" TEXT "," \
    "\"volumes\":" TEXTS ",\"ports\":" TEXTS ",\"network\":" TEXT ",\"restart\":" TEXT ",\"memory_bytes\":{\"type\":\"integer\"}," \
    "\"cpus\":{\"type\":\"number\"},\"pull\":{\"enum\":[\"missing\",\"always\",\"never\"]},\"remove\":" FLAG ",\"detach\":" FLAG "," \
    "\"registry\":{\"type\":\"object\",\"properties\":{\"server\":" TEXT ",\"username\":" TEXT ",\"password\":{\"type\":\"string\"," \
    "\"x-secret\":true},\"password_secret\":" TEXT "}}"

static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_HANDLER,
        .id = "run",
        .title = "Runs a container",
        .description = "A container from its image to its end. Its lines become log lines, its exit status decides.",
        .params_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"image\"],\"properties\":{" RUN "," ENGINE "}}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_NETWORK | BERTH_FLAG_COOPERATIVE,
        .grace_ms = 15000,
        .vtable = &run,
    },
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_HANDLER,
        .id = "action",
        .title = "Looks after containers",
        .description = "Pulls images; runs, starts, stops, restarts, kills, removes and inspects containers, and reads what they printed.",
        .params_schema =
            "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"action\"],\"properties\":{\"action\":" TEXT ","
            "\"container\":" TEXT ",\"timeout\":{\"type\":\"integer\"},\"tail\":{\"type\":\"integer\"},\"timestamps\":" FLAG ","
            "\"follow\":" FLAG ",\"force\":" FLAG ",\"remove_volumes\":" FLAG ",\"check_health\":" FLAG "," RUN "," ENGINE "}}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_NETWORK | BERTH_FLAG_COOPERATIVE,
        .grace_ms = 15000,
        .vtable = &action,
    },
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "container";
    out->version = "1.0.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    out->start = start;
    return BERTH_OK;
}
