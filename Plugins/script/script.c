#include "script.h"
#include "beneath.h"
#include "environment.h"
#include "language.h"
#include "settings.h"
#include "variables.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((format(printf, 2, 3))) static const char *refuse(struct script *script, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(script->refusal, sizeof script->refusal, format, arguments);
    va_end(arguments);
    return script->refusal;
}

/* ---- who runs it ------------------------------------------------------------------------------------------------ */

static const char *judge_interpreter(struct script *script, const char *name) {
    for (char **allowed = settings.interpreters; *allowed; allowed++)
        if (strcmp(*allowed, name) == 0) return NULL;
    return refuse(script, "the interpreter \"%.200s\" is not allowed; plugins: {script: {config: {interpreters: […]}}} in "
                  "berth.yaml says which are", name);
}

/* The interpreter by its name or by that of the language, into `**out`. */
static const char *read_interpreter(struct script *script, json_value root, const struct language **language, char **out) {
    json_value named = json_member(root, "language"), given = json_member(root, "interpreter");
    char *word = json_text(named);
    *language = word ? language_of(word) : NULL;
    const char *fault = NULL;
    if (word && !*language) fault = refuse(script, "\"%.100s\" is no language of scripts: " LANGUAGES, word);
    free(word);
    if (fault) return fault;
    if (given.kind != JSON_NONE) *out = variables_filled(json_text(given), script->command.environment);
    else if (*language) *out = strdup((*language)->interpreter);
    else return "give a \"language\" (" LANGUAGES ") or an \"interpreter\"";
    return *out && **out ? judge_interpreter(script, *out) : "\"interpreter\" must be a text";
}

/* ---- the file --------------------------------------------------------------------------------------------------- */

static const char *write_scratch(struct script *script, const char *code, size_t length, const char *suffix) {
    const char *folder = getenv("TMPDIR");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/script-XXXXXX%s", folder && *folder ? folder : "/tmp", suffix);
    int file = mkostemps(path, (int)strlen(suffix), O_CLOEXEC);
    if (file < 0) return refuse(script, "cannot write the script into %.300s: %s", path, strerror(errno));
    script->scratch = strdup(path);
    int failed = !script->scratch;
    for (size_t done = 0; done < length && !failed;) {
        ssize_t written = write(file, code + done, length - done);
        if (written < 0) failed = 1;
        else done += (size_t)written;
    }
    if (failed) refuse(script, "cannot write the script into %.300s: %s", path, strerror(errno));
    close(file);
    return failed ? script->refusal : NULL;
}

static const char *read_code(struct script *script, json_value value, const char *suffix, char **file) {
    char *code = json_text(value);
    if (!code) return "\"code\" must be a text without NUL";
    size_t length = strlen(code);
    const char *fault = NULL;
    if (!code[strspn(code, " \t\r\n")]) fault = "the script is empty";
    else if (length > CODE_BYTES) fault = "the script is longer than 1 MiB; put it into a file";
    if (!fault) fault = write_scratch(script, code, length, suffix);
    free(code);
    if (!fault && !(*file = strdup(script->scratch))) fault = "memory is short";
    return fault;
}

/* A file of somebody else's. The interpreter opens it again: whoever can put another in its place meanwhile may write to
 * the allowed folder, and so needs no such trick. */
static const char *read_file(struct script *script, json_value value, char **file) {
    char *path = variables_filled(json_text(value), script->command.environment);
    if (!path) return "\"file\" must be a text";
    char where[PATH_MAX];
    struct stat status;
    const char *fault = NULL;
    int opened = beneath_open(settings.folders, path, O_RDONLY | O_NONBLOCK, 0, script->refusal);
    if (opened < 0) fault = script->refusal;
    else if (fstat(opened, &status) != 0 || !S_ISREG(status.st_mode)) fault = refuse(script, "%.500s is no file", path);
    else if (!beneath_where(opened, where, sizeof where)) fault = refuse(script, "cannot tell where %.500s is", path);
    if (opened >= 0) close(opened);
    free(path);
    if (!fault && !(*file = strdup(where))) fault = "memory is short";
    return fault;
}

static const char *read_source(struct script *script, json_value root, const struct language *language, char **file) {
    json_value code = json_member(root, "code"), path = json_member(root, "file");
    char *type = json_text(json_member(root, "type"));
    int is_inline = type && strcmp(type, "inline") == 0, is_file = type && strcmp(type, "file") == 0;
    int is_unknown = type && !is_inline && !is_file;
    free(type);
    if (is_unknown) return "\"type\" must be inline or file";
    if (is_inline || (!is_file && path.kind == JSON_NONE)) {
        if (code.kind == JSON_NONE) return "give the script as \"code\", or its path as \"file\"";
        return read_code(script, code, language ? language->suffix : "", file);
    }
    if (!is_file && code.kind != JSON_NONE) return "give either \"code\" or \"file\"";
    return read_file(script, path, file);
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

/* Behind interpreter and file, which are not there yet. */
static const char *read_arguments(struct script *script, json_value root) {
    struct command *command = &script->command;
    json_value args = json_member(root, "args");
    if (args.kind == JSON_NULL) args.kind = JSON_NONE;
    const char *fault = texts_read(args, 2, &command->arguments);
    if (fault) return fault;
    size_t count = 0;
    for (char **at = command->arguments; *at; at++, count++)
        if (!(*at = variables_filled(*at, command->environment))) return "memory is short";
    return NULL;
}

static void put_first(struct command *command, char *interpreter, char *file) {
    size_t count = 0;
    while (command->arguments[count]) count++;
    memmove(command->arguments + 2, command->arguments, count * sizeof(char *));
    command->arguments[0] = interpreter;
    command->arguments[1] = file;
}

const char *script_read(struct script *script, const void *params, size_t length, berth_status *code) {
    json_value root;
    const struct language *language = NULL;
    char *interpreter = NULL, *file = NULL;
    *code = settings.fault ? BERTH_FAIL_CONFIG : BERTH_FAIL_PARAMS;
    if (settings.fault) return settings.fault;
    if (!json_parse(params, length, &root) || root.kind != JSON_OBJECT) return "the params must be a JSON object";
    const char *fault = attempt_read(&script->command, root);
    if (!fault) fault = read_arguments(script, root);
    if (!fault) fault = read_interpreter(script, root, &language, &interpreter);
    if (!fault) fault = read_source(script, root, language, &file);
    if (!fault) {
        put_first(&script->command, interpreter, file);
        return NULL;
    }
    free(interpreter);
    free(file);
    return fault;
}

void script_release(struct script *script) {
    if (script->scratch) unlink(script->scratch);
    free(script->scratch);
    attempt_release(&script->command);
}
