/* A Berth plugin with one handler. Everything a plugin may do is said in berth_plugin.h. */
#include "berth_plugin.h"
#include "failure.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

/* The services of the host: log, progress, emit, cancellation and so on. */
static const berth_host *host;

/* Called once for each attempt. Everything that `params` points to is gone after the return. */
static berth_status hello(berth_context *context, const void *params, size_t length) {
    json_value root;
    json_parse(params, length, &root);
    char *name = json_text(json_member(root, "name"));
    if (!name) return failure(host, context, BERTH_FAIL_PARAMS, "give a name: {\"name\": \"Ada\"}");

    json_writer out = {0};
    json_put_raw(&out, "{\"greeting\":\"Hello, ");
    json_put_escaped(&out, name, strlen(name));
    json_put_raw(&out, "!\"}");
    berth_status status = out.failed ? BERTH_RETRY : host->emit(context, out.bytes, out.length, 0);
    json_writer_free(&out);
    free(name);
    return status;
}

static const berth_handler hello_handler = {.struct_size = sizeof(berth_handler), .execute = hello};

/* More components are added here, each with an id of its own. A processor (BERTH_KIND_PROCESSOR, berth_processor) has
 * init, run, stop and destroy and suits work that takes a while; a runner (BERTH_KIND_RUNNER, berth_runner) suits work
 * that happens outside, such as a program. */
static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_HANDLER,
        .id = "hello",
        .title = "Greets somebody",
        .params_schema = "{\"type\":\"object\",\"required\":[\"name\"],\"additionalProperties\":false,"
                         "\"properties\":{\"name\":{\"type\":\"string\"}}}",
        .result_type = "application/json",
        .vtable = &hello_handler,
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
