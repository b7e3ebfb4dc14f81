#include "shell.h"
#include "attempt.h"
#include "configuration.h"
#include "environment.h"
#include "shell_rules.h"
#include "shell_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *blocked_programs[] = {
    "rm",      "del",    "rd",        "rmdir",   "format", "fdisk", "mkfs", "dd",     "shutdown", "reboot",
    "halt",    "poweroff", "init",    "systemctl", "service", "chmod", "chown", "sudo", "su",     "passwd",
    "useradd", "userdel", "mount",    "umount",  "parted", NULL,
};
static char *blocked_paths[] = {"/bin", "/sbin", "/usr", "/etc", "/var", "/root", NULL};

static struct {
    int enabled;
    const char *fault;
    struct shell_rules rules;
} settings = {.rules = {.blocked = blocked_programs, .blocked_paths = blocked_paths}};

static const char NOT_ENABLED[] =
    "a shell runs whatever its line says, so that one text decides which programs start and with what: use "
    "command/command, or let the operator allow shells with plugins: {command: {config: {shell: {}}}} in berth.yaml";

/* A list of the operator's; the default stays where he says nothing. Read once, and kept until the process ends. */
static const char *read_list(json_value shell, const char *name, char ***list) {
    json_value given = json_member(shell, name);
    if (given.kind == JSON_NONE) return NULL;
    *list = NULL;
    return texts_read(given, 0, list) ? "the lists of \"shell\" in the plugin's configuration must be arrays of texts" : NULL;
}

void shell_configure(const void *config, size_t length) {
    static const char *const known[] = {"shell", NULL}, *const known_of_shell[] = {"allowed", "blocked", "blocked_paths", NULL};
    json_value root;
    settings.fault = configuration_read(config, length, known, &root);
    json_value shell = json_member(root, "shell");
    if (settings.fault || shell.kind == JSON_NONE) return;
    settings.enabled = 1;
    settings.fault = configuration_judge(shell, "shell in the plugin's config", known_of_shell);
    if (!settings.fault) settings.fault = read_list(shell, "allowed", &settings.rules.allowed);
    if (!settings.fault) settings.fault = read_list(shell, "blocked", &settings.rules.blocked);
    if (!settings.fault) settings.fault = read_list(shell, "blocked_paths", &settings.rules.blocked_paths);
}

const char *shell_fault(void) { return settings.fault; }

/* ---- the line --------------------------------------------------------------------------------------------------- */

static void put_argument(json_writer *line, const char *text) {
    json_put_raw(line, " ");
    if (*text && !strpbrk(text, " \t\r\n\"'\\|&;<>()$`*?[]{}#~!=")) return json_put_raw(line, text);
    json_put_raw(line, "'");
    for (char piece[2] = {0}; *text; text++) {
        piece[0] = *text;
        json_put_raw(line, *text == '\'' ? "'\"'\"'" : piece);
    }
    json_put_raw(line, "'");
}

/* The arguments of a list, each as one word; null is none. */
static const char *put_list(json_writer *line, json_value list) {
    size_t position = 0;
    json_value element;
    while (json_next(list, &position, NULL, &element)) {
        if (element.kind == JSON_NULL) continue;
        char *text = json_text(element);
        if (!text) return "every argument must be a text without NUL";
        put_argument(line, text);
        free(text);
    }
    return NULL;
}

/* The server's `args` are a text: a list of texts in JSON, or words as they are to stand in the line. */
static const char *put_text(json_writer *line, char *text) {
    json_value list;
    const char *fault = NULL;
    if (json_parse(text, strlen(text), &list) && (list.kind == JSON_ARRAY || list.kind == JSON_NULL)) {
        if (list.kind == JSON_ARRAY) fault = put_list(line, list);
    } else if (text[strspn(text, " \t\r\n")]) {
        json_put_raw(line, " ");
        json_put_raw(line, text);
    }
    free(text);
    return fault;
}

static const char *put_arguments(json_writer *line, json_value args) {
    if (args.kind == JSON_NONE || args.kind == JSON_NULL) return NULL;
    if (args.kind == JSON_ARRAY) return put_list(line, args);
    char *text = json_text(args);
    return text ? put_text(line, text) : "\"args\" must be a list of texts, or a text";
}

/* Makes `bash -c LINE` of the params. */
static const char *read_line(struct command *command, json_value root) {
    char *first = json_text(json_member(root, "command"));
    if (!first) return "\"command\" must be a text: {\"command\": \"ls | wc -l\"}";
    json_writer line = {0};
    json_put_raw(&line, first);
    const char *fault = first[strspn(first, " \t\r\n")] ? NULL : "the command line is empty";
    free(first);
    if (!fault) fault = put_arguments(&line, json_member(root, "args"));
    if ((command->arguments = calloc(4, sizeof(char *)))) {
        command->arguments[0] = strdup("bash");
        command->arguments[1] = strdup("-c");
        command->arguments[2] = line.failed ? NULL : strndup(line.bytes, line.length);
    }
    json_writer_free(&line);
    if (!fault && (!command->arguments || !command->arguments[2])) fault = "memory is short";
    return fault;
}

/* Variables that a task brings along: those that make a shell run something would pass by all rules. */
static const char *judge_variables(json_value env, char *refusal) {
    size_t position = 0;
    json_value name, value;
    int runs = 0;
    while (!runs && json_next(env, &position, &name, &value)) {
        char *text = json_text(name);
        runs = text && shell_variable_runs(text, strlen(text));
        if (runs)
            snprintf(refusal, SHELL_REFUSAL_BYTES, "the variable %.100s makes a shell run what the rules for lines do not see; leave "
                     "it out of \"env\"", text);
        free(text);
    }
    return runs ? refusal : NULL;
}

const char *shell_read(struct command *command, const void *params, size_t length, berth_status *code) {
    json_value root;
    *code = BERTH_FAIL_PARAMS;
    if (!json_parse(params, length, &root) || root.kind != JSON_OBJECT) return "the params must be a JSON object";
    const char *fault = read_line(command, root);
    if (!fault) fault = attempt_read(command, root);
    if (fault) return fault;
    *code = BERTH_FAIL_CONFIG;
    if (settings.fault) return settings.fault;
    if (!settings.enabled) return NOT_ENABLED;
    *code = BERTH_FAIL_PARAMS;
    const char *path = environment_find(command->environment, "PATH");
    command->refusal = malloc(SHELL_REFUSAL_BYTES);
    if (!command->refusal) return "memory is short";
    fault = judge_variables(json_member(root, "env"), command->refusal);
    if (fault) return fault;
    return shell_rules_allow(&settings.rules, command->arguments[2], path, command->refusal) ? NULL : command->refusal;
}
