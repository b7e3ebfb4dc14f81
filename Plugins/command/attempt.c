#include "attempt.h"
#include "environment.h"
#include "failure.h"
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *attempt_read(struct command *command, json_value root) {
    const char *fault = environment_read(json_member(root, "env"), &command->environment);
    if (!fault) fault = text_read(json_member(root, "cwd"), &command->folder, "\"cwd\" must be a text");
    if (!fault) fault = text_read(json_member(root, "stdin"), &command->input, "\"stdin\" must be a text without NUL");
    return fault;
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

/* Says how it ended, with the end of what it wrote on stderr. */
static berth_status ended_badly(berth_context *context, const struct command *command) {
    int length = (int)command->last_words_length;
    const char *words = command->last_words, *joint = length ? ": " : "";
    if (length == LAST_WORDS) /* it may begin inside a character */
        while (length && (*words & 0xC0) == 0x80) words++, length--;
    while (length && words[length - 1] == '\n') length--;
    if (command->ended_by)
        return failure(host, context, BERTH_RETRY, "ended by signal %d (%s)%s%.*s", command->ended_by,
                       strsignal(command->ended_by), joint, length, words);
    return failure(host, context, BERTH_RETRY, "exit status %d%s%.*s", command->exit_code, joint, length, words);
}

berth_status attempt_execute(berth_context *context, void *self) {
    struct command *command = self;
    struct start_failure why = program_run(command, context);
    if (why.error) return not_started(context, command, why);
    if (command->stop_reason)
        return command->stop_reason == BERTH_STOP_TIMEOUT ? BERTH_TIMED_OUT : BERTH_CANCELLED;
    if (command->ended_by == 0 && command->exit_code == 0) return BERTH_OK;
    report(context, command); /* what it printed is wanted most when it failed; the failure is told either way */
    return ended_badly(context, command);
}

berth_status attempt_stop(void *self, int32_t reason) {
    program_signal(self, SIGTERM, reason ? reason : BERTH_STOP_CANCEL);
    return BERTH_OK;
}

berth_status attempt_kill(void *self) {
    program_signal(self, SIGKILL, BERTH_STOP_CANCEL);
    return BERTH_OK;
}

berth_status attempt_status(void *self, berth_runner_status *out) {
    struct command *command = self;
    out->phase = atomic_load(&command->phase);
    out->done = atomic_load(&command->bytes_seen);
    out->total = 0;
    return BERTH_OK;
}

berth_status attempt_result(berth_context *context, void *self) { return report(context, self); }

void attempt_begin(struct command *command) { pthread_mutex_init(&command->lock, NULL); }

void attempt_release(struct command *command) {
    texts_free(command->arguments);
    texts_free(command->environment);
    free(command->folder);
    free(command->input);
    free(command->refusal);
    free(command->kept);
}

void attempt_cleanup(void *self) {
    struct command *command = self;
    pthread_mutex_destroy(&command->lock);
    attempt_release(command);
    free(command);
}
