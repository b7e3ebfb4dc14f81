/* The runners `command`, a program with arguments, and `shell`, a command line: each in a process group of its own. */
#include "berth_plugin.h"
#include "attempt.h"
#include "failure.h"
#include "shell.h"

#include <stdlib.h>

const berth_host *host;

/* Hands the command on to the attempt, or says why there will be none. */
static berth_status began(berth_context *context, struct command *command, const char *fault, berth_status code,
                          void **self) {
    if (!fault) {
        attempt_begin(command);
        *self = command;
        return BERTH_OK;
    }
    berth_status status = failure(host, context, code, "%s", fault);
    attempt_release(command);
    free(command);
    return status;
}

static berth_status parse_command(berth_context *context, const void *params, size_t length, void **self) {
    struct command *command = calloc(1, sizeof *command);
    if (!command) return BERTH_RETRY;
    const char *fault = shell_fault();
    if (fault) return began(context, command, fault, BERTH_FAIL_CONFIG, self);
    return began(context, command, command_read(command, params, length), BERTH_FAIL_PARAMS, self);
}

static berth_status parse_shell(berth_context *context, const void *params, size_t length, void **self) {
    struct command *command = calloc(1, sizeof *command);
    if (!command) return BERTH_RETRY;
    berth_status code;
    const char *fault = shell_read(command, params, length, &code);
    return began(context, command, fault, code, self);
}

static berth_status start(const void *config, size_t length) {
    shell_configure(config, length);
    return BERTH_OK;
}

#define RUNNER(parse) \
    { \
        .struct_size = sizeof(berth_runner), .parse_args = parse, .execute = attempt_execute, .stop = attempt_stop, \
        .kill = attempt_kill, .status = attempt_status, .result = attempt_result, .cleanup = attempt_cleanup, \
    }

static const berth_runner command_runner = RUNNER(parse_command);
static const berth_runner shell_runner = RUNNER(parse_shell);

#define SURROUNDINGS \
    "\"env\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}," \
    "\"cwd\":{\"type\":\"string\",\"minLength\":1}," \
    "\"stdin\":{\"type\":\"string\"}"

static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_RUNNER,
        .id = "command",
        .title = "Runs a program",
        .description = "A program with arguments and no shell. Its lines become log lines, its exit status decides.",
        .params_schema =
            "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
            "\"program\":{\"type\":\"string\",\"minLength\":1},"
            "\"args\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
            "\"command\":{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"string\"}}," SURROUNDINGS "},"
            "\"oneOf\":[{\"required\":[\"program\"]},{\"required\":[\"command\"]}]}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_SUBPROCESS | BERTH_FLAG_COOPERATIVE,
        .vtable = &command_runner,
    },
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_RUNNER,
        .id = "shell",
        .title = "Runs a command line",
        .description = "A line for bash. Off until the operator allows shells: one text then decides what is started.",
        .params_schema =
            "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"command\"],\"properties\":{"
            "\"command\":{\"type\":\"string\",\"minLength\":1},"
            "\"args\":{\"oneOf\":[{\"type\":\"null\"},{\"type\":\"string\"},"
            "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}]}," SURROUNDINGS "}}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_SUBPROCESS | BERTH_FLAG_COOPERATIVE,
        .vtable = &shell_runner,
    },
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "command";
    out->version = "1.1.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    out->start = start;
    return BERTH_OK;
}
