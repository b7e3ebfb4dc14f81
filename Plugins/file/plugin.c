/* The handler `action`: cleans up, backs up, compresses and measures files inside the folders that the operator allows. */
#include "berth_plugin.h"
#include "actions.h"
#include "failure.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const berth_host *host;

static const struct {
    const char *name;
    berth_status (*act)(struct work *work);
} actions[] = {
    {"cleanup", action_cleanup}, {"backup", action_backup}, {"compress", action_compress}, {"stat", action_stat},
};

static berth_status act(struct work *work) {
    char *name = json_text(json_member(work->params, "action"));
    berth_status status = BERTH_FAIL_PARAMS;
    size_t at = 0, count = sizeof actions / sizeof actions[0];
    while (at < count && (!name || strcmp(actions[at].name, name) != 0)) at++;
    if (json_member(work->params, "host").kind != JSON_NONE)
        status = work_fail(work, BERTH_FAIL_PARAMS, "files of another machine (\"host\") are not reached from here: run a host there");
    else if (at == count)
        status = work_fail(work, BERTH_FAIL_PARAMS, "\"action\" must be cleanup, backup, compress or stat");
    else
        status = actions[at].act(work);
    free(name);
    return status;
}

/* The server knows these and does nothing with them. */
static void warn(struct work *work) {
    static const char *const idle[] = {"incremental", "keep_days", "sort_by", NULL};
    for (const char *const *name = idle; *name; name++)
        if (json_member(work->params, *name).kind != JSON_NONE)
            work_log(work, BERTH_LOG_WARNING, "\"%s\" has no effect", *name);
}

static berth_status execute(berth_context *context, const void *params, size_t length) {
    struct work work = {.context = context, .began = host->monotonic_ns()};
    if (settings.fault) return failure(host, context, BERTH_FAIL_CONFIG, "%s", settings.fault);
    if (!json_parse(params, length, &work.params) || work.params.kind != JSON_OBJECT)
        return failure(host, context, BERTH_FAIL_PARAMS, "the params must be a JSON object");
    warn(&work);
    berth_status status = work_go_on(&work, 0);
    if (status == BERTH_OK) status = act(&work);
    json_writer_free(&work.out);
    return status;
}

/* The mask is all threads' at once: it is set before there are any. What is made here says its permissions itself. */
static berth_status start(const void *config, size_t length) {
    umask(0);
    settings_read(config, length);
    return BERTH_OK;
}

static const berth_handler handler = {.struct_size = sizeof(berth_handler), .execute = execute};

#define TEXT "{\"type\":\"string\"}"
#define FLAG "{\"type\":\"boolean\"}"
#define NUMBER(most) "{\"type\":\"integer\",\"minimum\":0,\"maximum\":" #most "}"

static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_HANDLER,
        .id = "action",
        .title = "Looks after files",
        .description = "Cleans up, backs up, compresses or measures files inside the folders that the operator allows.",
        .params_schema =
            "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"action\"],\"properties\":{"
            "\"action\":{\"enum\":[\"cleanup\",\"backup\",\"compress\",\"stat\"]},"
            "\"path\":" TEXT ",\"pattern\":" TEXT ",\"recursive\":" FLAG ",\"older_than\":" TEXT ",\"larger_than\":" TEXT ","
            "\"dry_run\":" FLAG ",\"exclude\":{\"type\":\"array\",\"items\":" TEXT "},"
            "\"source\":" TEXT ",\"target\":" TEXT ",\"compress\":" FLAG ",\"incremental\":" FLAG ",\"keep_days\":"
            "{\"type\":\"integer\"},\"format\":" TEXT ",\"level\":" NUMBER(9) ",\"remove_source\":" FLAG ","
            "\"sort_by\":" TEXT ",\"limit\":" NUMBER(100) "}}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_COOPERATIVE,
        .vtable = &handler,
    },
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "file";
    out->version = "1.0.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    out->start = start;
    return BERTH_OK;
}
