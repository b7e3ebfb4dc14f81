#include "command.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

static const char NO_MEMORY[] = "memory is short";

static void free_list(char **list) {
    for (char **at = list; at && *at; at++) free(*at);
    free(list);
}

static size_t count_of(json_value container) {
    size_t count = 0, position = 0;
    json_value value;
    while (json_next(container, &position, NULL, &value)) count++;
    return count;
}

/* Appends the texts of an array to a list that has room for them. */
static const char *append_texts(char **list, json_value array) {
    if (array.kind == JSON_NONE) return NULL;
    if (array.kind != JSON_ARRAY) return "the arguments must be an array of texts: {\"args\": [\"60\"]}";
    size_t position = 0;
    json_value element;
    while (*list) list++;
    while (json_next(array, &position, NULL, &element))
        if (!(*list++ = json_text(element))) return "every argument must be a text without NUL";
    return NULL;
}

static const char *read_arguments(struct command *command, json_value root) {
    json_value program = json_member(root, "program"), whole = json_member(root, "command");
    if ((program.kind == JSON_NONE) == (whole.kind == JSON_NONE))
        return "give either {\"program\": \"sleep\", \"args\": [\"60\"]} or {\"command\": [\"sleep\", \"60\"]}";
    json_value rest = program.kind == JSON_NONE ? whole : json_member(root, "args");
    command->arguments = calloc(count_of(rest) + 2, sizeof(char *));
    if (!command->arguments) return NO_MEMORY;
    if (program.kind != JSON_NONE && !(command->arguments[0] = json_text(program)))
        return "\"program\" must be a text";
    const char *fault = append_texts(command->arguments, rest);
    if (fault) return fault;
    return command->arguments[0] && command->arguments[0][0] ? NULL : "the program has no name";
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

static const char *read_environment(struct command *command, json_value variables) {
    if (variables.kind != JSON_NONE && variables.kind != JSON_OBJECT)
        return "\"env\" must be an object of texts: {\"LANG\": \"C\"}";
    size_t own = 0, position = 0;
    while (environ[own]) own++;
    command->environment = calloc(own + count_of(variables) + 1, sizeof(char *));
    if (!command->environment) return NO_MEMORY;
    for (size_t i = 0; i < own; i++)
        if (!(command->environment[i] = strdup(environ[i]))) return NO_MEMORY;
    json_value name, value;
    while (json_next(variables, &position, &name, &value)) {
        char *both = assignment(name, value);
        if (!both) return "\"env\" must hold texts under names without \"=\": {\"LANG\": \"C\"}";
        set_variable(command->environment, both);
    }
    return NULL;
}

static const char *read_text(json_value value, char **out, const char *fault) {
    if (value.kind == JSON_NONE) return NULL;
    *out = json_text(value);
    return *out ? NULL : fault;
}

const char *command_read(struct command *command, const void *params, size_t length) {
    json_value root;
    if (!json_parse(params, length, &root) || root.kind != JSON_OBJECT) return "the params must be a JSON object";
    const char *fault = read_arguments(command, root);
    if (!fault) fault = read_environment(command, json_member(root, "env"));
    if (!fault) fault = read_text(json_member(root, "cwd"), &command->folder, "\"cwd\" must be a text");
    if (!fault) fault = read_text(json_member(root, "stdin"), &command->input, "\"stdin\" must be a text without NUL");
    return fault;
}

void command_free(struct command *command) {
    free_list(command->arguments);
    free_list(command->environment);
    free(command->folder);
    free(command->input);
    free(command->kept);
    free(command);
}
