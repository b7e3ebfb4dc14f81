#include "environment.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

static const char NO_MEMORY[] = "memory is short";

void texts_free(char **list) {
    for (char **at = list; at && *at; at++) free(*at);
    free(list);
}

static size_t count_of(json_value container) {
    size_t count = 0, position = 0;
    json_value value;
    while (json_next(container, &position, NULL, &value)) count++;
    return count;
}

const char *texts_read(json_value array, size_t more, char ***out) {
    if (array.kind != JSON_NONE && array.kind != JSON_ARRAY)
        return "the arguments must be an array of texts: {\"args\": [\"60\"]}";
    char **list = *out = calloc(count_of(array) + more + 1, sizeof(char *));
    if (!list) return NO_MEMORY;
    size_t position = 0;
    json_value element;
    while (json_next(array, &position, NULL, &element))
        if (!(*list++ = json_text(element))) return "every argument must be a text without NUL";
    return NULL;
}

const char *text_read(json_value value, char **out, const char *fault) {
    if (value.kind == JSON_NONE) return NULL;
    *out = json_text(value);
    return *out ? NULL : fault;
}

static char *assignment(json_value name, json_value value) {
    char *left = json_text(name), *right = json_text(value), *both = NULL;
    if (left && right && left[0] && !strchr(left, '=') && (both = malloc(strlen(left) + strlen(right) + 2)))
        strcat(strcat(strcpy(both, left), "="), right);
    free(left);
    free(right);
    return both;
}

/* Sets "name=value", which the list then owns; the list has room for one more. */
static void set_variable(char **list, char *both) {
    size_t name = strcspn(both, "=") + 1;
    while (*list && strncmp(*list, both, name) != 0) list++;
    free(*list);
    *list = both;
}

const char *environment_read(json_value variables, char ***out) {
    if (variables.kind != JSON_NONE && variables.kind != JSON_OBJECT)
        return "\"env\" must be an object of texts: {\"LANG\": \"C\"}";
    size_t own = 0, position = 0;
    while (environ[own]) own++;
    char **list = *out = calloc(own + count_of(variables) + 1, sizeof(char *));
    if (!list) return NO_MEMORY;
    for (size_t i = 0; i < own; i++)
        if (!(list[i] = strdup(environ[i]))) return NO_MEMORY;
    json_value name, value;
    while (json_next(variables, &position, &name, &value)) {
        char *both = assignment(name, value);
        if (!both) return "\"env\" must hold texts under names without \"=\": {\"LANG\": \"C\"}";
        set_variable(list, both);
    }
    return NULL;
}

const char *environment_find(char **list, const char *name) {
    size_t length = strlen(name);
    for (; list && *list; list++)
        if (strncmp(*list, name, length) == 0 && (*list)[length] == '=') return *list + length + 1;
    return NULL;
}
