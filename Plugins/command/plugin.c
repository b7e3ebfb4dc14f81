/* The runner `command`: a program with arguments, without a shell, in a process group of its own. */
#include "berth_plugin.h"
#include "command.h"
#include "failure.h"
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const berth_host *host;

static berth_status parse_args(berth_context *context, const void *params, size_t length, void **self) {
    struct command *command = calloc(1, sizeof *command);
    if (!command) return BERTH_RETRY;
    const char *fault = command_read(command, params, length);
    if (!fault) {
        pthread_mutex_init(&command->lock, NULL);
        *self = command;
        return BERTH_OK;
    }
    berth_status status = failure(host, context, BERTH_FAIL_PARAMS, "%s", fault);
    command_free(command);
    return status;
}

/* Emits how the program ended and what it printed. */
static berth_status report(berth_context *context, struct command *command) {
    json_writer out = {0};
    json_put_raw(&out, "{\"exit_code\":");
    if (command->ended_by) json_put_raw(&out, "null");
    else json_put_integer(&out, command->exit_code);
    json_put_raw(&out, ",\"signal\":");
    if (command->ended_by) json_put_integer(&out, command->ended_by);
    else json_put_raw(&out, "null");
    json_put_raw(&out, ",\"stdout\":");
    json_put_string(&out, command->kept ? command->kept : "", command->kept_length);
    json_put_raw(&out, command->kept_all ? ",\"stdout_truncated\":false}" : ",\"stdout_truncated\":true}");
    berth_status status = out.failed ? BERTH_RETRY : host->emit(context, out.bytes, out.length, 0);
    json_writer_free(&out);
    return status == BERTH_TOO_LARGE ? failure(host, context, BERTH_FAIL, "the output is larger than the limit") : status;
}

/* The program could not be started: is that worth another attempt? */
static berth_status not_started(berth_context *context, const struct command *command, struct start_failure why) {
    if (why.at_folder)
        return failure(host, context, BERTH_FAIL_PARAMS, "cannot enter the folder %s: %s", command->folder,
                       strerror(why.error));
    switch (why.error) {
    case ENOENT:
        return failure(host, context, BERTH_FAIL_PARAMS, "program not found: %s", command->arguments[0]);
    case EACCES:
    case EPERM:
        return failure(host, context, BERTH_FAIL_PARAMS,
                       "cannot execute %s: %s; grant it with --read or access.read, and see that it is executable",
                       command->arguments[0], strerror(why.error));
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return failure(host, context, BERTH_RETRY, "cannot start %s now: %s", command->arguments[0],
                       strerror(why.error));
    default:
        return failure(host, context, BERTH_FAIL, "cannot start %s: %s", command->arguments[0], strerror(why.error));
    }
}

static berth_status execute(berth_context *context, void *self) {
    struct command *command = self;
    struct start_failure why = program_run(command, context);
    if (why.error) return not_started(context, command, why);
    if (command->stop_reason)
        return command->stop_reason == BERTH_STOP_TIMEOUT ? BERTH_TIMED_OUT : BERTH_CANCELLED;
    if (command->ended_by == 0 && command->exit_code == 0) return BERTH_OK;
    report(context, command); /* what it printed is wanted most when it failed; the failure is told either way */
    if (command->ended_by)
        return failure(host, context, BERTH_RETRY, "ended by signal %d (%s)", command->ended_by,
                       strsignal(command->ended_by));
    return failure(host, context, BERTH_RETRY, "exit status %d", command->exit_code);
}

static berth_status stop(void *self, int32_t reason) {
    program_signal(self, SIGTERM, reason ? reason : BERTH_STOP_CANCEL);
    return BERTH_OK;
}

static berth_status kill_now(void *self) {
    program_signal(self, SIGKILL, BERTH_STOP_CANCEL);
    return BERTH_OK;
}

static berth_status status_of(void *self, berth_runner_status *out) {
    struct command *command = self;
    out->phase = atomic_load(&command->phase);
    out->done = atomic_load(&command->bytes_seen);
    out->total = 0;
    return BERTH_OK;
}

static berth_status result(berth_context *context, void *self) { return report(context, self); }

static void cleanup(void *self) {
    struct command *command = self;
    pthread_mutex_destroy(&command->lock);
    command_free(command);
}

static const berth_runner runner = {
    .struct_size = sizeof(berth_runner),
    .parse_args = parse_args,
    .execute = execute,
    .stop = stop,
    .kill = kill_now,
    .status = status_of,
    .result = result,
    .cleanup = cleanup,
};

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
            "\"command\":{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"string\"}},"
            "\"env\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
            "\"cwd\":{\"type\":\"string\",\"minLength\":1},"
            "\"stdin\":{\"type\":\"string\"}},"
            "\"oneOf\":[{\"required\":[\"program\"]},{\"required\":[\"command\"]}]}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_SUBPROCESS | BERTH_FLAG_COOPERATIVE,
        .vtable = &runner,
    },
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "command";
    out->version = "1.0.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
