#include "actions.h"
#include "credentials.h"
#include "engine.h"
#include "failure.h"
#include "frames.h"
#include "image.h"
#include "output.h"
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
    char *target; /* container or image, as it was named */
    char id[80];  /* of the container, once it was found */
    int has_terminal;
    int64_t timeout, tail;
    int is_forced, takes_volumes, follows, has_times;
    json_writer text; /* what a container printed */
    struct output *lines;
    struct frames frames;
};

static berth_status refuse(struct action *a, const char *why) { return failure(host, a->context, BERTH_FAIL_PARAMS, "%s", why); }

/* ---- params ----------------------------------------------------------------------------------------------------- */

static int is_name(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t length = strlen(name);
    return length && length < 256 && strchr(letters, name[0]) && strspn(name + strspn(name, letters), "_.-abcdefghijklmnopqrstuvwxyz"
           "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == length - strspn(name, letters);
}

static berth_status read_image(struct action *a) {
    a->target = json_text(json_member(a->params, "image"));
    if (!a->target || !*a->target) return refuse(a, "\"image\" must be the name of an image");
    return image_judge(a->context, a->target);
}

static berth_status read_options(struct action *a) {
    json_value timeout = json_member(a->params, "timeout"), tail = json_member(a->params, "tail");
    json_value force = json_member(a->params, "force"), volumes = json_member(a->params, "remove_volumes");
    json_value follow = json_member(a->params, "follow"), times = json_member(a->params, "timestamps");
    a->timeout = a->tail = -1;
    if (timeout.kind != JSON_NONE && (!json_integer(timeout, &a->timeout) || a->timeout < 0)) return refuse(a, "\"timeout\" must be seconds");
    if (tail.kind != JSON_NONE && (!json_integer(tail, &a->tail) || a->tail < 0)) return refuse(a, "\"tail\" must be a number of lines");
    if (force.kind != JSON_NONE && !json_bool(force, &a->is_forced)) return refuse(a, "\"force\" must be true or false");
    if (volumes.kind != JSON_NONE && !json_bool(volumes, &a->takes_volumes)) return refuse(a, "\"remove_volumes\" must be true or false");
    if (follow.kind != JSON_NONE && !json_bool(follow, &a->follows)) return refuse(a, "\"follow\" must be true or false");
    if (times.kind != JSON_NONE && !json_bool(times, &a->has_times)) return refuse(a, "\"timestamps\" must be true or false");
    return BERTH_OK;
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static berth_status ask(struct action *a, const char *method, const char *kind, const char *rest, engine_sink sink, struct answer *answer) {
    char *escaped = engine_escaped(*a->id ? a->id : a->target), *path = NULL, what[300];
    *answer = (struct answer){.code = CURLE_OUT_OF_MEMORY};
    if (escaped && asprintf(&path, "/%s/%s%s", kind, escaped, rest) >= 0)
        *answer = engine_call(&a->engine, method, path, NULL, NULL, sink, a);
    free(escaped);
    free(path);
    snprintf(what, sizeof what, "%s %.200s", a->name, a->target);
    /* 304: it is so already */
    return answer->code == CURLE_OK && (answer->status < 300 || answer->status == 304) ? BERTH_OK : engine_failed(&a->engine, answer, what);
}

static berth_status judge_container(struct action *a, const char *name) {
    for (char **pattern = settings.containers; pattern && *pattern; pattern++)
        if (fnmatch(*pattern, name, 0) == 0) return BERTH_OK;
    if (!settings.containers) return BERTH_OK;
    return failure(host, a->context, BERTH_FAIL_PARAMS, "the container %.200s is not among those that the operator allows; plugins: "
                   "{container: {config: {containers: […]}}} in berth.yaml says which are", name);
}

/* Which container is meant: what was asked for may be the beginning of an id. Judged by the name that the engine knows it by;
 * from here on its id stands for it, so that another of that name, made meanwhile, is left alone. */
static berth_status find_container(struct action *a, struct answer *answer) {
    json_value root;
    *answer = (struct answer){0};
    a->target = json_text(json_member(a->params, "container"));
    if (!a->target || !is_name(a->target)) return refuse(a, "\"container\" must be the name or id of a container");
    berth_status status = ask(a, "GET", "containers", "/json", NULL, answer);
    if (status != BERTH_OK) return status;
    if (!answer->body.bytes || !json_parse(answer->body.bytes, answer->body.length, &root))
        return failure(host, a->context, BERTH_RETRY_DEPENDENCY, "the engine's answer is no JSON");
    char *id = json_text(json_member(root, "Id")), *name = json_text(json_member(root, "Name"));
    int is_right = id && name && *id && strlen(id) < sizeof a->id && is_name(id);
    if (is_right) snprintf(a->id, sizeof a->id, "%s", id);
    json_bool(json_member(json_member(root, "Config"), "Tty"), &a->has_terminal);
    status = is_right ? judge_container(a, name[0] == '/' ? name + 1 : name)
                      : failure(host, a->context, BERTH_RETRY_DEPENDENCY, "the engine does not say which container this is");
    free(id), free(name);
    return status;
}

static berth_status read_container(struct action *a) {
    struct answer answer;
    berth_status status = find_container(a, &answer);
    answer_free(&answer);
    return status;
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
    char fault[400], *auth = NULL;
    berth_status status = read_image(a);
    const char *wrong = status == BERTH_OK ? credentials_read(json_member(a->params, "registry"), &auth, fault, sizeof fault) : NULL;
    if (wrong) status = refuse(a, wrong);
    if (status == BERTH_OK) status = image_pull(&a->engine, a->target, auth);
    free(auth);
    return status == BERTH_OK ? done(a, NULL, "image") : status;
}

static void add_piece(void *user, int stream, const char *bytes, size_t length) {
    struct action *a = user;
    output_piece(a->lines, stream, bytes, length);
    if (a->text.length + length > MOST_ANSWER_BYTES) return;
    char *grown = realloc(a->text.bytes, a->text.length + length + 1);
    if (!grown) return;
    memcpy(grown + a->text.length, bytes, length);
    a->text.bytes = grown;
    a->text.length += length;
}

/* What a terminal shows is not in frames. */
static void take_printed(void *user, const char *bytes, size_t length) {
    struct action *a = user;
    if (a->has_terminal) add_piece(a, FRAMES_OUT, bytes, length);
    else frames_take(&a->frames, bytes, length);
}

static berth_status read_printed(struct action *a) {
    char rest[120];
    struct answer answer;
    int length = snprintf(rest, sizeof rest, "/logs?stdout=1&stderr=1%s%s", a->follows ? "&follow=1" : "", a->has_times ? "&timestamps=1" : "");
    if (a->tail > 0) snprintf(rest + length, sizeof rest - (size_t)length, "&tail=%lld", (long long)a->tail);
    a->frames = (struct frames){.piece = add_piece, .user = a};
    output_begin(a->lines, a->context);
    berth_status status = ask(a, "GET", "containers", rest, take_printed, &answer);
    output_end(a->lines);
    output_free(a->lines);
    answer_free(&answer);
    return status;
}

static berth_status logs(struct action *a) {
    json_writer out = {0};
    berth_status status = read_container(a);
    if (status != BERTH_OK) return status;
    a->lines = calloc(1, sizeof *a->lines);
    status = a->lines ? read_printed(a) : BERTH_RETRY;
    free(a->lines);
    if (status != BERTH_OK) return status;
    put(&out, "action", "logs");
    put(&out, "container", a->target);
    json_put_raw(&out, ",\"logs\":");
    json_put_string(&out, a->text.bytes ? a->text.bytes : "", a->text.length);
    return finish(a, &out);
}

static void put_member(json_writer *out, const char *name, json_value value) {
    char *text = json_text(value);
    put(out, name, text);
    free(text);
}

static berth_status report_state(struct action *a, json_value root) {
    json_writer out = {0};
    json_value state = json_member(root, "State"), health = json_member(json_member(state, "Health"), "Status");
    put(&out, "action", "inspect");
    put(&out, "container", a->target);
    put_member(&out, "container_id", json_member(root, "Id"));
    put_member(&out, "name", json_member(root, "Name"));
    put_member(&out, "status", json_member(state, "Status"));
    put_member(&out, "image", json_member(json_member(root, "Config"), "Image"));
    put_member(&out, "created", json_member(root, "Created"));
    if (health.kind == JSON_STRING && health.length > 2) put_member(&out, "health", health);
    return finish(a, &out);
}

static berth_status inspect(struct action *a) {
    struct answer answer;
    json_value root;
    berth_status status = find_container(a, &answer);
    if (status == BERTH_OK && json_parse(answer.body.bytes, answer.body.length, &root)) status = report_state(a, root);
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
    if (name && strcmp(name, "run") == 0) status = run_container(context, params, 1);
    else if (at == count) status = refuse(&a, reason_against(name));
    else if ((status = read_options(&a)) == BERTH_OK) a.name = name, status = actions[at].act(&a);
    free(name);
    free(a.target);
    json_writer_free(&a.text);
    return status;
}
