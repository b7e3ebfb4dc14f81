#include "run.h"
#include "engine.h"
#include "failure.h"
#include "frames.h"
#include "image.h"
#include "output.h"
#include "settings.h"
#include "spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the container by force where it still runs. */
#define REMOVAL "?v=1&force=1"

struct run {
    struct engine engine; /* patient: what was begun is brought to its end */
    struct spec spec;
    char id[80];
    char signal[40]; /* that asks this container to end */
    int told;        /* 1: asked to end, 2: killed */
    int64_t exit_code;
    struct output output;
    struct frames frames;
};

static berth_status call(struct run *run, const char *method, const char *what, const char *rest, struct answer *answer) {
    char path[200];
    snprintf(path, sizeof path, "/containers/%s%s", run->id, rest);
    *answer = engine_call(&run->engine, method, path, NULL, NULL, NULL, NULL);
    if (answer->code == CURLE_OK && answer->status < 300) return BERTH_OK;
    return engine_failed(&run->engine, answer, what);
}

/* The same where nothing depends on how it goes. */
static void try_call(struct run *run, const char *method, const char *rest) {
    char path[200];
    snprintf(path, sizeof path, "/containers/%s%s", run->id, rest);
    struct engine engine = {.context = run->engine.context, .socket = run->engine.socket, .watch = engine_patient};
    struct answer answer = engine_call(&engine, method, path, NULL, NULL, NULL, NULL);
    answer_free(&answer);
}

/* ---- before ----------------------------------------------------------------------------------------------------- */

/* It was to stay, and has come to its end. One with a name makes room: the next attempt wants the same. */
static int is_to_stay(struct run *run, json_value container) {
    char *kept = json_text(json_member(json_member(container, "Labels"), "berth.kept"));
    char *state = json_text(json_member(container, "State"));
    int is_named = run->spec.name && *run->spec.name;
    int stays = !is_named && kept && strcmp(kept, "true") == 0 && state && strcmp(state, "exited") == 0;
    free(kept);
    free(state);
    return stays;
}

/* What an attempt of this very run left, whose guest was killed before it could tidy up. */
static void sweep(struct run *run) {
    char filter[300], path[1200];
    snprintf(filter, sizeof filter, "{\"label\":[\"berth.run=%s\"]}", run->spec.label);
    char *escaped = engine_escaped(filter);
    snprintf(path, sizeof path, "/containers/json?all=1&filters=%s", escaped ? escaped : "");
    struct answer answer = engine_call(&run->engine, "GET", path, NULL, NULL, NULL, NULL);
    json_value list, element;
    size_t position = 0;
    int is_list = escaped && run->spec.label[0] != '/' && answer.status == 200 && answer.body.bytes &&
                  json_parse(answer.body.bytes, answer.body.length, &list);
    while (is_list && json_next(list, &position, NULL, &element)) {
        char *id = json_text(json_member(element, "Id"));
        snprintf(run->id, sizeof run->id, "%s", id ? id : "");
        if (id && *id && !is_to_stay(run, element)) try_call(run, "DELETE", REMOVAL);
        free(id);
    }
    *run->id = 0;
    answer_free(&answer);
    free(escaped);
}

static berth_status create(struct run *run) {
    char path[400] = "/containers/create";
    char *name = run->spec.name && *run->spec.name ? engine_escaped(run->spec.name) : NULL;
    if (name) snprintf(path, sizeof path, "/containers/create?name=%.300s", name);
    free(name);
    char *body = run->spec.body.failed ? NULL : strndup(run->spec.body.bytes, run->spec.body.length);
    if (!body) return BERTH_RETRY;
    struct answer answer = engine_call(&run->engine, "POST", path, body, NULL, NULL, NULL);
    free(body);
    char *id = answer.status == 201 ? answer_text(&answer, "Id") : NULL;
    int is_made = id && *id && strlen(id) < sizeof run->id && strspn(id, "0123456789abcdefABCDEF") == strlen(id);
    berth_status status = BERTH_OK;
    if (is_made) snprintf(run->id, sizeof run->id, "%s", id);
    else status = engine_failed(&run->engine, &answer, "make the container");
    free(id);
    answer_free(&answer);
    return status;
}

/* Which signal the image wants when it is to end. */
static void learn_signal(struct run *run) {
    struct answer answer;
    json_value root;
    snprintf(run->signal, sizeof run->signal, "SIGTERM");
    if (call(run, "GET", "look at the container", "/json", &answer) == BERTH_OK && answer.body.bytes &&
        json_parse(answer.body.bytes, answer.body.length, &root)) {
        char *signal = json_text(json_member(json_member(root, "Config"), "StopSignal"));
        if (signal && *signal && strspn(signal, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-") == strlen(signal))
            snprintf(run->signal, sizeof run->signal, "%.30s", signal);
        free(signal);
    }
    answer_free(&answer);
}

/* ---- while it runs ---------------------------------------------------------------------------------------------- */

/* Hands on what the host asks: the image's own signal first, at the last call the one that nobody ignores. What is not to stay is
 * removed by the same word, since there may be no time for another. */
static int pass_on(void *user) {
    struct run *run = user;
    int32_t state = host->cancel_state(run->engine.context);
    char rest[80];
    if (state == BERTH_RUN_ON || run->told == 2 || (run->told == 1 && state != BERTH_LAST_CALL)) return 0;
    run->told = state == BERTH_LAST_CALL ? 2 : 1;
    if (run->told == 2 && !run->spec.is_kept) {
        try_call(run, "DELETE", REMOVAL);
        return 0;
    }
    snprintf(rest, sizeof rest, "/kill?signal=%s", run->told == 2 ? "SIGKILL" : run->signal);
    try_call(run, "POST", rest);
    return 0;
}

static void take(void *user, const char *bytes, size_t length) { frames_take(&((struct run *)user)->frames, bytes, length); }

static berth_status follow(struct run *run) {
    char path[200];
    snprintf(path, sizeof path, "/containers/%s/logs?follow=1&stdout=1&stderr=1", run->id);
    output_begin(&run->output, run->engine.context);
    run->frames = (struct frames){.piece = output_piece, .user = &run->output};
    struct answer answer = engine_call(&run->engine, "GET", path, NULL, NULL, take, run);
    output_end(&run->output);
    berth_status status = answer.status == 200 ? BERTH_OK : engine_failed(&run->engine, &answer, "read what the container prints");
    if (run->frames.is_broken) host->log(run->engine.context, BERTH_LOG_WARNING, "its output is not in frames; the rest is lost", 45, NULL, 0);
    answer_free(&answer);
    return status;
}

static berth_status wait_for(struct run *run) {
    struct answer answer;
    json_value root;
    berth_status status = call(run, "POST", "wait for the container", "/wait", &answer);
    if (status == BERTH_OK && !(answer.body.bytes && json_parse(answer.body.bytes, answer.body.length, &root) &&
                                json_integer(json_member(root, "StatusCode"), &run->exit_code)))
        status = failure(host, run->engine.context, BERTH_RETRY_DEPENDENCY, "the engine does not say how the container ended");
    answer_free(&answer);
    return status;
}

/* ---- after ------------------------------------------------------------------------------------------------------ */

static void put(json_writer *out, const char *name, const char *value) {
    json_put_raw(out, out->length ? ",\"" : "{\"");
    json_put_raw(out, name);
    json_put_raw(out, "\":");
    json_put_string(out, value, strlen(value));
}

static berth_status report(struct run *run) {
    json_writer out = {0};
    put(&out, "action", "run");
    put(&out, "container_id", run->id);
    put(&out, "name", run->spec.name ? run->spec.name : "");
    put(&out, "image", run->spec.image);
    put(&out, "status", run->spec.is_detached ? "running" : "exited");
    if (!run->spec.is_detached) {
        json_put_raw(&out, ",\"exit_code\":");
        json_put_integer(&out, run->exit_code);
        json_put_raw(&out, ",\"stdout\":");
        json_put_string(&out, run->output.kept.bytes ? run->output.kept.bytes : "", run->output.kept.length);
        json_put_raw(&out, run->output.bytes > run->output.kept.length ? ",\"stdout_truncated\":true" : ",\"stdout_truncated\":false");
    }
    json_put_raw(&out, "}");
    berth_status status = out.failed ? BERTH_RETRY : host->emit(run->engine.context, out.bytes, out.length, 0);
    json_writer_free(&out);
    return status == BERTH_TOO_LARGE ? failure(host, run->engine.context, BERTH_FAIL, "the output is larger than the limit") : status;
}

static berth_status judge(struct run *run) {
    if (run->told) return host->monotonic_ns() >= host->deadline_ns(run->engine.context) ? BERTH_TIMED_OUT : BERTH_CANCELLED;
    berth_status status = report(run);
    if (run->exit_code == 0) return status;
    int length;
    const char *words = output_last_words(&run->output, &length);
    return failure(host, run->engine.context, BERTH_RETRY, "exit status %lld%s%.*s", (long long)run->exit_code, length ? ": " : "",
                   length, words);
}

static berth_status start_and_follow(struct run *run) {
    struct answer answer;
    berth_status status = call(run, "POST", "start the container", "/start", &answer);
    answer_free(&answer);
    if (status != BERTH_OK || run->spec.is_detached) return status == BERTH_OK ? report(run) : status;
    learn_signal(run);
    run->engine.watch = pass_on;
    run->engine.user = run;
    status = follow(run);
    if (status == BERTH_OK && run->told < 2) status = wait_for(run);
    run->engine.watch = engine_patient;
    return status == BERTH_OK || run->told == 2 ? judge(run) : status;
}

static berth_status run_created(struct run *run) {
    char line[200];
    int length = snprintf(line, sizeof line, "container %.12s of %.150s", run->id, run->spec.image);
    host->log(run->engine.context, BERTH_LOG_INFO, line, (size_t)(length < 200 ? length : 199), NULL, 0);
    int32_t state = host->cancel_state(run->engine.context);
    berth_status status = state == BERTH_RUN_ON ? start_and_follow(run) : BERTH_CANCELLED;
    int is_left = status == BERTH_OK ? run->spec.is_kept || run->spec.is_detached : run->spec.is_kept && !run->spec.is_detached;
    if (!is_left) try_call(run, "DELETE", REMOVAL);
    return status;
}

static berth_status run_spec(struct run *run) {
    struct engine impatient = {.context = run->engine.context, .socket = settings.socket};
    berth_status status = image_judge(run->engine.context, run->spec.image);
    if (status == BERTH_OK) status = image_have(&impatient, run->spec.image, run->spec.pull, run->spec.auth);
    if (status != BERTH_OK) return status;
    sweep(run);
    status = create(run);
    return status == BERTH_OK ? run_created(run) : status;
}

berth_status run_container(berth_context *context, json_value params, int stays) {
    struct run *run = calloc(1, sizeof *run);
    if (!run) return BERTH_RETRY;
    run->engine = (struct engine){.context = context, .socket = settings.socket, .watch = engine_patient};
    const char *fault = spec_read(&run->spec, context, params, stays);
    berth_status status = fault ? failure(host, context, BERTH_FAIL_PARAMS, "%s", fault) : run_spec(run);
    output_free(&run->output);
    spec_free(&run->spec);
    free(run);
    return status;
}
