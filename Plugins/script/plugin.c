/* The runner `script`: a script in a language that the operator allows, from a text or from a file. */
#include "berth_plugin.h"
#include "failure.h"
#include "script.h"
#include "settings.h"

#include <stdlib.h>

const berth_host *host;

static berth_status parse_args(berth_context *context, const void *params, size_t length, void **self) {
    struct script *script = calloc(1, sizeof *script);
    if (!script) return BERTH_RETRY;
    berth_status code;
    const char *fault = script_read(script, params, length, &code);
    if (!fault) {
        attempt_begin(&script->command);
        *self = script;
        return BERTH_OK;
    }
    berth_status status = failure(host, context, code, "%s", fault);
    script_release(script);
    free(script);
    return status;
}

static void cleanup(void *self) {
    struct script *script = self;
    pthread_mutex_destroy(&script->command.lock);
    script_release(script);
    free(script);
}

static berth_status start(const void *config, size_t length) {
    settings_read(config, length);
    return BERTH_OK;
}

static const berth_runner runner = {
    .struct_size = sizeof(berth_runner),
    .parse_args = parse_args,
    .execute = attempt_execute,
    .stop = attempt_stop,
    .kill = attempt_kill,
    .status = attempt_status,
    .result = attempt_result,
    .cleanup = cleanup,
};

static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_RUNNER,
        .id = "script",
        .title = "Runs a script",
        .description = "A script from a text or a file, by an interpreter that the operator allows. Its lines become log "
                       "lines, its exit status decides.",
        .params_schema =
            "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
            "\"language\":{\"type\":\"string\",\"minLength\":1},"
            "\"interpreter\":{\"type\":\"string\",\"minLength\":1},"
            "\"type\":{\"enum\":[\"inline\",\"file\"]},"
            "\"code\":{\"type\":\"string\"},"
            "\"file\":{\"type\":\"string\"},"
            "\"args\":{\"oneOf\":[{\"type\":\"null\"},{\"type\":\"array\",\"items\":{\"type\":\"string\"}}]},"
            "\"env\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
            "\"cwd\":{\"type\":\"string\",\"minLength\":1},"
            "\"stdin\":{\"type\":\"string\"}}}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_SUBPROCESS | BERTH_FLAG_COOPERATIVE,
        .vtable = &runner,
    },
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "script";
    out->version = "1.0.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    out->start = start;
    return BERTH_OK;
}
