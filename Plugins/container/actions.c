#include "actions.h"
#include "engine.h"
#include "failure.h"
#include "frames.h"
#include "image.h"
#include "run.h"
#include "settings.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct action {
    berth_context *context;
    struct engine engine;
    json_value params;
    const char *name;
    char *target; /* container or image */
    int64_t timeout, tail;
    int is_forced, takes_volumes;
    json_writer text; /* what a container printed */
};

static berth_status refuse(struct action *a, const char *why) { return failure(host, a->context, BERTH_FAIL_PARAMS, "%s", why); }

/* ---- params ----------------------------------------------------------------------------------------------------- */

static int is_name(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t length = strlen(name);
    return length && length < 256 && strchr(letters, name[0]) && strspn(name + strspn(name, letters), "_.-abcdefghijklmnopqrstuvwxyz"
           "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == length - strspn(name, letters);
}

static berth_status read_container(struct action *a) {
    a->target = json_text(json_member(a->params, "container"));
    if (!a->target || !is_name(a->target)) return refuse(a, "\"container\" must be the name or id of a container");
    for (char **pattern = settings.containers; pattern && *pattern; pattern++)
        if (fnmatch(*pattern, a->target, 0) == 0) return BERTH_OK;
    if (!settings.containers) return BERTH_OK;
    return failure(host, a->context, BERTH_FAIL_PARAMS, "the container %.200s is not among those that the operator allows; plugins: "
                   "{container: {config: {containers: […]}}} in berth.yaml says which are", a->target);
}

static berth_status read_image(struct action *a) {
    a->target = json_text(json_member(a->params, "image"));
    if (!a->target || !*a->target) return refuse(a, "\"image\" must be the name of an image");
    return image_judge(a->context, a->target);
}

static berth_status read_options(struct action *a) {
    json_value timeout = json_member(a->params, "timeout"), tail = json_member(a->params, "tail");
    json_value force = json_member(a->params, "force"), volumes = json_member(a->params, "remove_volumes");
    a->timeout = a->tail = -1;
    if (timeout.kind != JSON_NONE && (!json_integer(timeout, &a->timeout) || a->timeout < 0)) return refuse(a, "\"timeout\" must be seconds");
    if (tail.kind != JSON_NONE && (!json_integer(tail, &a->tail) || a->tail < 0)) return refuse(a, "\"tail\" must be a number of lines");
    if (force.kind != JSON_NONE && !json_bool(force, &a->is_forced)) return refuse(a, "\"force\" must be true or false");
    if (volumes.kind != JSON_NONE && !json_bool(volumes, &a->takes_volumes)) return refuse(a, "\"remove_volumes\" must be true or false");
    return BERTH_OK;
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static berth_status ask(struct action *a, const char *method, const char *kind, const char *rest, engine_sink sink, struct answer *answer) {
    char *escaped = engine_escaped(a->target), *path = NULL, what[300];
    *answer = (struct answer){.code = CURLE_OUT_OF_MEMORY};
    if (escaped && asprintf(&path, "/%s/%s%s", kind, escaped, rest) >= 0)
        *answer = engine_call(&a->engine, method, path, NULL, NULL, sink, a);
    free(escaped);
    free(path);
    snprintf(what, sizeof what, "%s %.200s", a->name, a->target);
    /* 304: it is so already */
    return answer->code == CURLE_OK && (answer->status < 300 || answer->status == 304) ? BERTH_OK : engine_failed(&a->engine, answer, what);
}

static void put(json_writer *out, const char *name, const char *value) {
    json_put_raw(out, out->length ? ",\"" : "{\"");
    json_put_raw(out, name);
    json_put_raw(out, "\":");
    json_put_string(out, value ? value : "", value ? strlen(value) : 0);
}

static berth_status finish(struct action *a, json_writer *out) {
    json_put_raw(out, "}");
    berth_status status = out->failed ? BERTH_RETRY : host->emit(a->context, out->bytes, out->length, 0);
    json_writer_free(out);
    return status == BERTH_TOO_LARGE ? failure(host, a->context, BERTH_FAIL, "the output is larger than the limit") : status;
}

static berth_status done(struct action *a, const char *type, const char *name) {
    json_writer out = {0};
    put(&out, "action", a->name);
    if (type) put(&out, "type", type);
    put(&out, name, a->target);
    return finish(a, &out);
}

/* ---- actions ---------------------------------------------------------------------------------------------------- */

/* start, stop, restart, kill */
static berth_status act_on(struct action *a) {
    char rest[80];
    struct answer answer;
    berth_status status = read_container(a);
    if (status != BERTH_OK) return status;
    int waits = a->timeout >= 0 && (strcmp(a->name, "stop") == 0 || strcmp(a->name, "restart") == 0);
    int length = snprintf(rest, sizeof rest, "/%s", a->name);
    if (waits) snprintf(rest + length, sizeof rest - (size_t)length, "?t=%lld", (long long)a->timeout);
    status = ask(a, "POST", "containers", rest, NULL, &answer);
    answer_free(&answer);
    return status == BERTH_OK ? done(a, NULL, "container") : status;
}

static berth_status remove_it(struct action *a) {
    int is_image = json_member(a->params, "container").kind == JSON_NONE;
    char rest[40];
    struct answer answer;
    berth_status status = is_image ? read_image(a) : read_container(a);
    if (status != BERTH_OK) return status;
    snprintf(rest, sizeof rest, "?force=%d%s", a->is_forced, !is_image && a->takes_volumes ? "&v=1" : "");
    status = ask(a, "DELETE", is_image ? "images" : "containers", rest, NULL, &answer);
    answer_free(&answer);
    return status == BERTH_OK ? done(a, is_image ? "image" : "container", is_image ? "image" : "container") : status;
}

static berth_status pull(struct action *a) {
    berth_status status = read_image(a);
    if (status == BERTH_OK) status = image_pull(&a->engine, a->target, NULL);
    return status == BERTH_OK ? done(a, NULL, "image") : status;
}

static void add_piece(void *user, int stream, const char *bytes, size_t length) {
    struct action *a = user;
    (void)stream;
    if (a->text.length + length > MOST_ANSWER_BYTES) return;
    char *grown = realloc(a->text.bytes, a->text.length + length + 1);
    if (!grown) return;
    memcpy(grown + a->text.length, bytes, length);
    a->text.bytes = grown;
    a->text.length += length;
}

static berth_status logs(struct action *a) {
    char rest[120];
    struct answer answer;
    berth_status status = read_container(a);
    if (status != BERTH_OK) return status;
    int length = snprintf(rest, sizeof rest, "/logs?stdout=1&stderr=1");
    if (a->tail >= 0) snprintf(rest + length, sizeof rest - (size_t)length, "&tail=%lld", (long long)a->tail);
    status = ask(a, "GET", "containers", rest, NULL, &answer);
    struct frames frames = {.piece = add_piece, .user = a};
    if (status == BERTH_OK) frames_take(&frames, answer.body.bytes, answer.body.length);
    json_writer out = {0};
    put(&out, "action", "logs");
    put(&out, "container", a->target);
    json_put_raw(&out, ",\"logs\":");
    json_put_string(&out, frames.is_broken ? answer.body.bytes : a->text.bytes ? a->text.bytes : "",
                    frames.is_broken ? answer.body.length : a->text.length); /* of a terminal: not in frames */
    answer_free(&answer);
    if (status == BERTH_OK) return finish(a, &out);
    json_writer_free(&out);
    return status;
}

static void put_member(json_writer *out, const char *name, json_value value) {
    char *text = json_text(value);
    put(out, name, text);
    free(text);
}

static berth_status inspect(struct action *a) {
    struct answer answer;
    json_value root, health;
    berth_status status = read_container(a);
    if (status == BERTH_OK) status = ask(a, "GET", "containers", "/json", NULL, &answer);
    else return status;
    json_writer out = {0};
    int is_read = status == BERTH_OK && answer.body.bytes && json_parse(answer.body.bytes, answer.body.length, &root);
    if (is_read) {
        put(&out, "action", "inspect");
        put(&out, "container", a->target);
        put_member(&out, "container_id", json_member(root, "Id"));
        put_member(&out, "name", json_member(root, "Name"));
        put_member(&out, "status", json_member(json_member(root, "State"), "Status"));
        put_member(&out, "image", json_member(json_member(root, "Config"), "Image"));
        put_member(&out, "created", json_member(root, "Created"));
        health = json_member(json_member(json_member(root, "State"), "Health"), "Status");
        if (health.kind == JSON_STRING) put_member(&out, "health", health);
        status = finish(a, &out);
    } else if (status == BERTH_OK) {
        status = failure(host, a->context, BERTH_RETRY_DEPENDENCY, "the engine's answer is no JSON");
    }
    answer_free(&answer);
    return status;
}

static const struct {
    const char *name;
    berth_status (*act)(struct action *a);
} actions[] = {
    {"pull", pull},      {"start", act_on},     {"stop", act_on}, {"restart", act_on},
    {"kill", act_on},    {"remove", remove_it}, {"logs", logs},   {"inspect", inspect},
};

/* The server's actions that are not made here, and the way that leads to the same. */
static const char *reason_against(const char *name) {
    if (!name) return "\"action\" must be run, pull, start, stop, restart, kill, remove, logs or inspect";
    if (strcmp(name, "build") == 0 || strcmp(name, "push") == 0)
        return "images are not built or pushed from here: run a builder's image with container/run";
    if (strcmp(name, "exec") == 0) return "nothing is started inside of somebody's container: run one of its image with container/run";
    if (strcmp(name, "prune") == 0 || strcmp(name, "stats") == 0)
        return "what concerns the whole engine is left to its own tools: script/script can call them";
    return "\"action\" must be run, pull, start, stop, restart, kill, remove, logs or inspect";
}

berth_status action_run(berth_context *context, json_value params) {
    struct action a = {.context = context, .params = params, .engine = {.context = context, .socket = settings.socket}};
    char *name = json_text(json_member(params, "action"));
    size_t at = 0, count = sizeof actions / sizeof actions[0];
    berth_status status;
    while (at < count && (!name || strcmp(actions[at].name, name) != 0)) at++;
    if (name && strcmp(name, "run") == 0) status = run_container(context, params);
    else if (at == count) status = refuse(&a, reason_against(name));
    else if ((status = read_options(&a)) == BERTH_OK) a.name = name, status = actions[at].act(&a);
    free(name);
    free(a.target);
    json_writer_free(&a.text);
    return status;
}
