#include "command.h"
#include "attempt.h"
#include "environment.h"

#include <string.h>

static const char *named(const struct command *command) {
    return command->arguments[0] && command->arguments[0][0] ? NULL : "the program has no name";
}

static const char *read_arguments(struct command *command, json_value root) {
    json_value program = json_member(root, "program"), whole = json_member(root, "command");
    if ((program.kind == JSON_NONE) == (whole.kind == JSON_NONE))
        return "give either {\"program\": \"sleep\", \"args\": [\"60\"]} or {\"command\": [\"sleep\", \"60\"]}";
    const char *fault = texts_read(program.kind == JSON_NONE ? whole : json_member(root, "args"), 1, &command->arguments);
    if (fault || program.kind == JSON_NONE) return fault ? fault : named(command);
    char *name = json_text(program), **end = command->arguments;
    if (!name) return "\"program\" must be a text";
    while (*end) end++;
    memmove(command->arguments + 1, command->arguments, (size_t)(end - command->arguments) * sizeof *end);
    command->arguments[0] = name;
    return named(command);
}

const char *command_read(struct command *command, const void *params, size_t length) {
    json_value root;
    if (!json_parse(params, length, &root) || root.kind != JSON_OBJECT) return "the params must be a JSON object";
    const char *fault = read_arguments(command, root);
    return fault ? fault : attempt_read(command, root);
}
