#include "work.h"
#include "quantity.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

berth_status work_go_on(struct work *work, uint64_t more) {
    work->done += more;
    host->progress(work->context, work->done, 0, NULL, 0);
    if (host->cancel_state(work->context) == BERTH_RUN_ON) return BERTH_OK;
    return host->monotonic_ns() >= host->deadline_ns(work->context) ? BERTH_TIMED_OUT : BERTH_CANCELLED;
}

berth_status work_fail(struct work *work, berth_status code, const char *format, ...) {
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t kept = length < 0 ? 0 : (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
    host->set_error(work->context, code, 0, text, kept);
    return code;
}

berth_status work_failed_at(struct work *work, const char *what, const char *path) {
    int error = errno;
    const char *advice = error == EACCES ? "; grant it with access.read or access.write" : "";
    berth_status code = error == EACCES || error == ENOENT || error == EROFS || error == EEXIST ? BERTH_FAIL : BERTH_RETRY;
    return work_fail(work, code, "cannot %s %s: %s%s", what, path, strerror(error), advice);
}

void work_log(struct work *work, int32_t level, const char *format, ...) {
    char line[4400];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length <= 0) return;
    host->log(work->context, level, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1, NULL, 0);
}

/* ---- params ----------------------------------------------------------------------------------------------------- */

berth_status work_text(struct work *work, const char *name, char **out) {
    *out = json_text(json_member(work->params, name));
    if (*out && **out) return BERTH_OK;
    free(*out);
    *out = NULL;
    return work_fail(work, BERTH_FAIL_PARAMS, "\"%s\" is missing, or is no text", name);
}

berth_status work_flag(struct work *work, const char *name, int *out) {
    json_value value = json_member(work->params, name);
    *out = 0;
    if (value.kind == JSON_NONE || json_bool(value, out)) return BERTH_OK;
    return work_fail(work, BERTH_FAIL_PARAMS, "\"%s\" must be true or false", name);
}

berth_status work_number(struct work *work, const char *name, int64_t least, int64_t most, int64_t *out) {
    json_value value = json_member(work->params, name);
    if (value.kind == JSON_NONE || (json_integer(value, out) && *out >= least && *out <= most)) return BERTH_OK;
    return work_fail(work, BERTH_FAIL_PARAMS, "\"%s\" must be a number from %lld to %lld", name, (long long)least,
                     (long long)most);
}

/* ---- the result ------------------------------------------------------------------------------------------------- */

static void put_name(struct work *work, const char *name) {
    json_put_raw(&work->out, work->out.length ? ",\"" : "{\"");
    json_put_raw(&work->out, name);
    json_put_raw(&work->out, "\":");
}

void put_text(struct work *work, const char *name, const char *text) {
    put_name(work, name);
    json_put_string(&work->out, text, strlen(text));
}

void put_number(struct work *work, const char *name, uint64_t number) {
    put_name(work, name);
    json_put_unsigned(&work->out, number);
}

void put_flag(struct work *work, const char *name, int flag) {
    put_name(work, name);
    json_put_raw(&work->out, flag ? "true" : "false");
}

void put_size(struct work *work, const char *name, const char *bytes_name, uint64_t bytes) {
    char text[QUANTITY_BYTES];
    quantity_text(bytes, text);
    put_text(work, name, text);
    put_number(work, bytes_name, bytes);
}

berth_status work_finish(struct work *work) {
    put_number(work, "duration_ms", (uint64_t)(host->monotonic_ns() - work->began) / 1000000);
    json_put_raw(&work->out, "}");
    if (work->out.failed) return BERTH_RETRY;
    berth_status status = host->emit(work->context, work->out.bytes, work->out.length, 0);
    return status == BERTH_TOO_LARGE ? work_fail(work, BERTH_FAIL, "the result is larger than the limit of outputs") : status;
}
