#include "image.h"
#include "failure.h"
#include "settings.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

berth_status image_judge(berth_context *context, const char *name) {
    for (char **pattern = settings.images; pattern && *pattern; pattern++)
        if (fnmatch(*pattern, name, 0) == 0) return BERTH_OK;
    if (!settings.images) return BERTH_OK;
    return failure(host, context, BERTH_FAIL_PARAMS, "the image %.300s is not among those that the operator allows; plugins: "
                   "{container: {config: {images: […]}}} in berth.yaml says which are", name);
}

/* ---- pulling ---------------------------------------------------------------------------------------------------- */

/* The engine tells how it goes in lines of JSON. */
struct pulling {
    struct engine *engine;
    char line[16384];
    size_t length;
    char last[200]; /* status that was logged last: layers repeat theirs */
    char error[600];
};

static void tell(struct pulling *pulling, json_value root) {
    int64_t current, total;
    json_value detail = json_member(root, "progressDetail");
    if (json_integer(json_member(detail, "current"), &current) && json_integer(json_member(detail, "total"), &total) &&
        current >= 0 && total > 0)
        host->progress(pulling->engine->context, (uint64_t)current, (uint64_t)total, "pull", 4);
    char *status = json_text(json_member(root, "status")), *error = json_text(json_member(root, "error"));
    if (error) snprintf(pulling->error, sizeof pulling->error, "%s", error);
    if (status && strncmp(status, pulling->last, sizeof pulling->last - 1) != 0) {
        host->log(pulling->engine->context, BERTH_LOG_INFO, status, strlen(status), NULL, 0);
        snprintf(pulling->last, sizeof pulling->last, "%s", status);
    }
    free(status);
    free(error);
}

static void take_line(struct pulling *pulling) {
    json_value root;
    if (pulling->length && json_parse(pulling->line, pulling->length, &root)) tell(pulling, root);
    pulling->length = 0;
}

static void take(void *user, const char *bytes, size_t length) {
    struct pulling *pulling = user;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') take_line(pulling);
        else if (pulling->length < sizeof pulling->line) pulling->line[pulling->length++] = bytes[i];
    }
}

/* "name:tag" or "name@digest"; without either it is the tag "latest", never all tags. */
static char *pull_path(const char *name) {
    const char *slash = strrchr(name, '/'), *colon = strchr(slash ? slash : name, ':');
    char *escaped = engine_escaped(name), *path = NULL;
    const char *tag = colon || strchr(name, '@') ? "" : "&tag=latest";
    if (escaped && asprintf(&path, "/images/create?fromImage=%s%s", escaped, tag) < 0) path = NULL;
    free(escaped);
    return path;
}

berth_status image_pull(struct engine *engine, const char *name, const char *auth) {
    struct pulling *pulling = calloc(1, sizeof *pulling);
    char *path = pull_path(name), what[400];
    if (!pulling || !path) return free(pulling), free(path), BERTH_RETRY;
    pulling->engine = engine;
    snprintf(what, sizeof what, "pull the image %.300s", name);
    struct answer answer = engine_call(engine, "POST", path, NULL, auth, take, pulling);
    take_line(pulling);
    berth_status status = BERTH_OK;
    if (answer.code != CURLE_OK || answer.status != 200) status = engine_failed(engine, &answer, what);
    else if (*pulling->error)
        status = failure(host, engine->context, BERTH_RETRY_DEPENDENCY, "cannot %s: %s", what, pulling->error);
    answer_free(&answer);
    free(pulling);
    free(path);
    return status;
}

berth_status image_have(struct engine *engine, const char *name, const char *policy, const char *auth) {
    if (strcmp(policy, "always") == 0) return image_pull(engine, name, auth);
    char *escaped = engine_escaped(name), *path = NULL;
    if (!escaped || asprintf(&path, "/images/%s/json", escaped) < 0) return free(escaped), BERTH_RETRY;
    struct answer answer = engine_call(engine, "GET", path, NULL, NULL, NULL, NULL);
    berth_status status = BERTH_OK;
    int is_missing = answer.code == CURLE_OK && answer.status == 404;
    if (is_missing && strcmp(policy, "never") == 0)
        status = failure(host, engine->context, BERTH_FAIL, "the image %.300s is not here, and \"pull\" is never", name);
    else if (is_missing) status = image_pull(engine, name, auth);
    else if (answer.code != CURLE_OK || answer.status != 200) status = engine_failed(engine, &answer, "look for the image");
    answer_free(&answer);
    free(escaped);
    free(path);
    return status;
}
