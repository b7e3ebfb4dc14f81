#include "mounts.h"
#include "beneath.h"
#include "settings.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the path leads, if that is allowed. The engine opens it again, by what we tell it: the place it was, links followed. */
static const char *resolve(const char *path, char *where, char *fault, size_t size) {
    char refusal[BENEATH_REFUSAL_BYTES];
    int opened = beneath_open(settings.mounts, path, O_PATH, 0, refusal);
    int is_found = opened >= 0 && beneath_where(opened, where, PATH_MAX);
    if (opened >= 0) close(opened);
    if (is_found) return NULL;
    snprintf(fault, size, "%s; plugins: {container: {config: {mounts: […]}}} in berth.yaml says what may be mounted",
             opened < 0 ? refusal : path);
    return fault;
}

/* A volume of the engine's may hold what is somebody else's, as a folder may. */
static const char *judge_volume(const char *name, char *fault, size_t size) {
    for (char **allowed = settings.mounts; *allowed; allowed++)
        if (**allowed != '/' && fnmatch(*allowed, name, 0) == 0) return NULL;
    snprintf(fault, size, "the volume %.200s is not among those that may be mounted; plugins: {container: {config: {mounts: […]}}} in "
             "berth.yaml says which are", name);
    return fault;
}

static const char *put_one(json_writer *out, const char *text, char *fault, size_t size) {
    const char *colon = strchr(text, ':'), *second = colon ? strchr(colon + 1, ':') : NULL;
    char source[PATH_MAX], where[PATH_MAX], bind[3 * PATH_MAX];
    int is_right = colon && colon != text && colon - text < PATH_MAX && colon[1] == '/' && strlen(colon) < PATH_MAX &&
                   (!second || strcmp(second, ":ro") == 0 || strcmp(second, ":rw") == 0);
    if (!is_right) return "\"volumes\" must be a list such as [\"/data/in:/in:ro\", \"cache:/cache\"]";
    snprintf(source, sizeof source, "%.*s", (int)(colon - text), text);
    const char *wrong = NULL;
    if (source[0] == '/') wrong = resolve(source, where, fault, size);
    else if (strchr(source, '/') || source[0] == '.') wrong = "a folder in \"volumes\" must be an absolute path";
    else wrong = judge_volume(source, fault, size);
    if (wrong) return wrong;
    snprintf(bind, sizeof bind, "%s%s", source[0] == '/' ? where : source, colon);
    if (strchr(source[0] == '/' ? where : "", ':')) return "a mounted path cannot hold a colon";
    json_put_string(out, bind, strlen(bind));
    return NULL;
}

const char *mounts_put(json_writer *out, json_value volumes, char *fault, size_t size) {
    if (volumes.kind == JSON_NONE || volumes.kind == JSON_NULL) return NULL;
    if (volumes.kind != JSON_ARRAY) return "\"volumes\" must be a list such as [\"/data/in:/in:ro\", \"cache:/cache\"]";
    size_t position = 0, count = 0;
    json_value element;
    const char *wrong = NULL;
    json_put_raw(out, ",\"Binds\":[");
    while (!wrong && json_next(volumes, &position, NULL, &element)) {
        char *text = json_text(element);
        json_put_raw(out, count++ ? "," : "");
        wrong = text ? put_one(out, text, fault, size) : "\"volumes\" must be a list of texts";
        free(text);
    }
    json_put_raw(out, "]");
    return wrong;
}
