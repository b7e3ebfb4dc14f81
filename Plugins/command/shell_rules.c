#include "shell_rules.h"
#include "shell_words.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What goes on while one line is judged. */
struct judging {
    const struct shell_rules *rules;
    const char *path;
    char *refusal;
    int depth;
};

/* What a simple command began with: `wrapper` of its notes. `named` says that the program behind it was seen, or that find's
 * word before wants a value; `exec` that find's word before was -exec, or that the option before wants a value (of
 * read: that option's letter); `feeds` that more words come from the input; `builtins` that the starter starts those of this
 * shell; `exports` that the name is export; `plain` that the shell sees from the name that assignments follow, and splits none. */
enum { NONE, STARTER, SHELL, FINDER, DECLARER, READER, PRINTER };

static int judge(void *user, const struct shell_word *word, struct shell_command *command, int first);

__attribute__((format(printf, 2, 3))) static int refuse(struct judging *j, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(j->refusal, SHELL_REFUSAL_BYTES, format, arguments);
    va_end(arguments);
    return SHELL_REFUSED;
}

static int is_among(const char *text, char **list) {
    for (; list && *list; list++)
        if (strcmp(text, *list) == 0) return 1;
    return 0;
}

static const char *base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The file a name stands for, links followed; 0 when there is none that may be executed. */
static int resolve(const char *name, const char *path, char *resolved) {
    if (strchr(name, '/')) return realpath(name, resolved) != NULL;
    while (path && *path) {
        char candidate[PATH_MAX];
        size_t length = strcspn(path, ":");
        int written = snprintf(candidate, sizeof candidate, "%.*s/%s", (int)length, path, name);
        if (written < (int)sizeof candidate && access(candidate, X_OK) == 0 && realpath(candidate, resolved)) return 1;
        path += length + (path[length] == ':');
    }
    return 0;
}

static int judge_blocked(struct judging *j, const char *name) {
    char file[PATH_MAX];
    if (is_among(base(name), j->rules->blocked)) return refuse(j, "the line starts \"%.100s\", which is blocked", name);
    if (resolve(name, j->path, file) && is_among(base(file), j->rules->blocked))
        return refuse(j, "the line starts \"%.100s\", which is %.200s, and that is blocked", name, file);
    return SHELL_PROGRAM;
}

static int judge_path(struct judging *j, const char *name) {
    for (char **part = j->rules->blocked_paths; strchr(name, '/') && part && *part; part++)
        if (strstr(name, *part))
            return refuse(j, "the line starts \"%.100s\" by its path, and paths with \"%.50s\" are blocked; name it "
                             "without the path", name, *part);
    return SHELL_PROGRAM;
}

static int judge_name(struct judging *j, const char *name) {
    if (j->rules->allowed && !is_among(name, j->rules->allowed))
        return refuse(j, "the line starts \"%.100s\", which is not among the allowed programs", name);
    if (judge_path(j, name) == SHELL_REFUSED) return SHELL_REFUSED;
    return judge_blocked(j, name);
}

static int varies(struct judging *j, const struct shell_word *word) {
    return refuse(j, "what \"%.100s…\" starts is known only when the shell runs; write the program's name", word->text);
}

static int wrapper_of(const char *name) {
    static char *starters[] = {"env",    "exec",   "command", "builtin", "nohup",   "nice",  "timeout", "xargs", "setsid",
                               "stdbuf", "ionice", "busybox", "chrt",    "taskset", "flock", "parallel", "time",  "watch",
                               "coproc", NULL};
    static char *shells[] = {"sh", "bash", "dash", "zsh", "ksh", "ash", "mksh", "rbash", NULL};
    static char *declarers[] = {"export", "declare", "typeset", "local", "readonly", NULL};
    if (is_among(name, starters)) return STARTER;
    if (is_among(name, shells)) return SHELL;
    if (is_among(name, declarers)) return DECLARER;
    if (strcmp(name, "read") == 0 || strcmp(name, "getopts") == 0) return READER;
    if (strcmp(name, "printf") == 0) return PRINTER;
    return strcmp(name, "find") == 0 ? FINDER : NONE;
}

/* What may follow on the name of one. */
static int behind(int wrapper) {
    return wrapper == NONE ? SHELL_PROGRAM : wrapper == STARTER || wrapper == SHELL ? SHELL_NEXT : SHELL_WORD;
}

static int judge_program(struct judging *j, const struct shell_word *word, struct shell_command *command) {
    static char *of_builtins[] = {"command", "builtin", "time", NULL};
    static char *evaluators[] = {"eval", "source",  ".",       "trap",      "alias", "enable",
                                 "hash", "compgen", "mapfile", "readarray", "bind",  NULL};
    if (word->varies) return varies(j, word);
    if (is_among(word->text, evaluators))
        return refuse(j, "what \"%s\" runs is known only when the shell runs", word->text);
    if (judge_name(j, word->text) == SHELL_REFUSED) return SHELL_REFUSED;
    const char *name = base(word->text);
    command->wrapper = wrapper_of(name);
    command->named = command->exec = 0;
    command->feeds |= strcmp(name, "xargs") == 0 || strcmp(name, "parallel") == 0;
    command->builtins = is_among(name, of_builtins);
    command->exports = strcmp(name, "export") == 0;
    return behind(command->wrapper);
}

/* A word that is itself a line, or may be one. */
static int judge_line(struct judging *j, const struct shell_word *word) {
    if (word->varies) return varies(j, word);
    struct judging inner = {.rules = j->rules, .path = j->path, .refusal = j->refusal, .depth = j->depth + 1};
    if (inner.depth > 4) return refuse(j, "the line starts shells in shells");
    const char *fault = shell_words(word->text, judge, &inner);
    if (fault && *fault) return refuse(j, "what \"%.100s\" is for a shell cannot be read: %s", word->text, fault);
    return fault ? SHELL_REFUSED : SHELL_NEXT;
}

static int reads_input(struct judging *j) {
    return refuse(j, "the shell in the line reads what it runs from its input; give it a file or -c");
}

/* Options, a line behind -c, or a file and its arguments: those are held against the rules as if they were lines. */
static int judge_for_shell(struct judging *j, const struct shell_word *word, struct shell_command *command) {
    static char *valued[] = {"-o", "+o", "-O", "+O", "--rcfile", "--init-file", NULL};
    int is_value = command->exec;
    command->exec = 0;
    int is_input = strncmp(word->text, "/dev/", 5) == 0 || strncmp(word->text, "/proc/", 6) == 0;
    if (is_input) return reads_input(j);
    if (is_value && !word->varies) return SHELL_NEXT;
    if ((word->text[0] == '-' || word->text[0] == '+') && !word->varies) {
        command->exec = is_among(word->text, valued);
        return word->text[1] != '-' && strchr(word->text, 's') ? reads_input(j) : SHELL_NEXT;
    }
    command->named = 1;
    return judge_line(j, word);
}

/* Behind the first name another may be what is started: the first may have been an option's. */
static int judge_later(struct judging *j, const char *name) {
    char file[PATH_MAX];
    struct stat status;
    int is_program = resolve(name, j->path, file) && stat(file, &status) == 0 && S_ISREG(status.st_mode) && access(file, X_OK) == 0;
    int verdict = is_program ? judge_name(j, name) : judge_blocked(j, name);
    return verdict == SHELL_REFUSED ? SHELL_REFUSED : SHELL_NEXT;
}

/* Behind env, say, export is no builtin that sets variables here, and perhaps the value of an option. */
static int is_builtin(int wrapper) { return wrapper == DECLARER || wrapper == READER || wrapper == PRINTER; }

/* Options of starters may take words, so every word behind one is held against the rules; one with blanks may be a line, as
 * for `env -S` and `watch`. */
static int judge_started(struct judging *j, const struct shell_word *word, struct shell_command *command) {
    int is_option = word->text[0] == '-' || (word->text[0] >= '0' && word->text[0] <= '9');
    int is_line = strpbrk(word->text, " \t\n;&|") != NULL;
    if (word->varies) return command->named ? SHELL_NEXT : varies(j, word);
    if (is_option && strspn(word->text, "-p") < strlen(word->text)) command->builtins = 0; /* not known to take no value */
    if (is_option && !is_line) return SHELL_NEXT;
    if (is_option) return refuse(j, "the option \"%.100s\" may hold a command; write it without one", word->text);
    if (is_line && judge_line(j, word) == SHELL_REFUSED) return SHELL_REFUSED;
    if (command->named) return judge_later(j, word->text);
    if (!is_line && shell_assignment(word->text)) return SHELL_NEXT; /* of env */
    int starts_builtins = command->builtins;
    command->plain = 0;
    if (!is_line && judge_program(j, word, command) == SHELL_REFUSED) return SHELL_REFUSED;
    if (is_line || !command->wrapper || (is_builtin(command->wrapper) && !starts_builtins)) command->wrapper = STARTER, command->named = 1;
    return behind(command->wrapper);
}

static int takes_value(const char *option) {
    static char *valued[] = {"-name",  "-iname", "-path",  "-ipath", "-wholename", "-regex",    "-iregex",   "-newer", "-mtime",
                             "-mmin",  "-atime", "-amin",  "-ctime", "-cmin",      "-size",     "-type",     "-perm",  "-user",
                             "-group", "-uid",   "-gid",   "-inum",  "-maxdepth",  "-mindepth", "-samefile", NULL};
    return is_among(option, valued);
}

/* What varies could become -exec or -delete: it has to be quoted, and a value or a path from its first letter on. */
static int judge_found(struct judging *j, const struct shell_word *word, struct shell_command *command) {
    int is_program = command->exec, is_value = command->named;
    int is_path = !(word->varies && word->fixed == 0) && (word->text[0] == '/' || word->text[0] == '.');
    command->exec = strncmp(word->text, "-exec", 5) == 0 || strncmp(word->text, "-ok", 3) == 0;
    command->named = !is_value && takes_value(word->text);
    if (word->varies && !is_program && !(word->quoted && (is_value || is_path)))
        return refuse(j, "what find does with \"%.100s…\" is known only when the shell runs; quote it, and begin it with ./ or /",
                      word->text);
    if (strcmp(word->text, "-delete") == 0 && is_among("rm", j->rules->blocked))
        return refuse(j, "the line removes files (find -delete), and rm is blocked");
    if (!is_program) return SHELL_WORD;
    if (judge_program(j, word, command) == SHELL_REFUSED) return SHELL_REFUSED;
    if (command->wrapper != STARTER && command->wrapper != SHELL) command->wrapper = FINDER;
    return behind(command->wrapper);
}

/* `name`: of a variable that is set, perhaps with more behind it. */
static int judge_set(struct judging *j, const struct shell_word *word, const char *name) {
    size_t length = shell_name(name);
    if (word->varies && word->fixed <= (size_t)(name - word->text) + length)
        return refuse(j, "which variable \"%.100s…\" sets is known only when the shell runs; write its name", word->text);
    if (strchr("=+[", name[length]) && shell_variable_runs(name, length))
        return refuse(j, "the line sets %.100s, which makes a shell run something", name);
    return SHELL_WORD;
}

/* Letters of options, the last of which may want a name; that may follow at once. */
static int judge_option(struct judging *j, const struct shell_word *word) {
    for (const char *at = word->text + 1; *at; at++)
        if (judge_set(j, word, at) == SHELL_REFUSED) return SHELL_REFUSED;
    return SHELL_WORD;
}

/* Options and names, with what is in them or without. `declare -n` makes a name stand for another, and what is set by it is
 * seen by nobody; export's -n takes a name out. */
static int judge_declared(struct judging *j, const struct shell_word *word, const struct shell_command *command) {
    if (word->splits && !command->plain)
        return refuse(j, "what \"%.100s…\" sets besides is known only when the shell runs; quote it", word->text);
    if (word->text[0] != '-') return judge_set(j, word, word->text);
    if (!command->exports && strchr(word->text, 'n'))
        return refuse(j, "\"%.100s\" makes a variable stand for another name; write that name", word->text);
    return judge_option(j, word);
}

static int varies_in_read(struct judging *j, const struct shell_word *word) {
    return refuse(j, "what read does with \"%.100s…\" is known only when the shell runs; write options "
                     "out, and quote their values as words of their own", word->text);
}

/* Letters of read's options. The first that wants a value takes the rest of the word or, when there is none, the next word. */
static int judge_read_option(struct judging *j, const struct shell_word *word, struct shell_command *command) {
    size_t letter = 1 + strcspn(word->text + 1, "apdtunNi");
    const char *value = word->text[letter] ? word->text + letter + 1 : "";
    if (word->varies && (word->splits || word->fixed <= letter + 1)) return varies_in_read(j, word);
    if (!*value) command->exec = word->text[letter];
    return *value && word->text[letter] == 'a' ? judge_set(j, word, value) : SHELL_WORD;
}

/* Options, their values, and names. */
static int judge_read(struct judging *j, const struct shell_word *word, struct shell_command *command) {
    int option = command->exec;
    command->exec = 0;
    if (option && option != 'a') return word->varies && word->splits ? varies_in_read(j, word) : SHELL_WORD;
    if (!option && word->text[0] == '-') return judge_read_option(j, word, command);
    return judge_set(j, word, word->text);
}

/* printf sets a variable with -v alone, and what follows on its options is text. */
static int judge_printed(struct judging *j, const struct shell_word *word, struct shell_command *command) {
    int is_name = command->exec;
    command->exec = 0;
    if (is_name) return judge_set(j, word, word->text);
    if (word->varies && word->fixed < 2 && strncmp(word->text, "-v", word->fixed) == 0)
        return refuse(j, "what printf does with \"%.100s…\" is known only when the shell runs; put -- before it", word->text);
    if (strncmp(word->text, "-v", 2) != 0) return SHELL_PROGRAM;
    command->exec = word->text[2] == 0 && !word->varies;
    return command->exec ? SHELL_WORD : judge_set(j, word, word->text + 2);
}

/* A simple command is over: was all of it there to be read? */
static int judge_end(struct judging *j, const struct shell_command *command) {
    if (command->wrapper == SHELL && !command->named) return reads_input(j);
    if (command->feeds && command->wrapper == STARTER && !command->named)
        return refuse(j, "the line reads the programs that it starts from its input; name them");
    return SHELL_NEXT;
}

static int judge(void *user, const struct shell_word *word, struct shell_command *command, int first) {
    struct judging *j = user;
    if (!word) return judge_end(j, command);
    command->plain |= first && !word->quoted;
    if (first) return judge_program(j, word, command);
    switch (command->wrapper) {
    case STARTER: return judge_started(j, word, command);
    case SHELL: return judge_for_shell(j, word, command);
    case FINDER: return judge_found(j, word, command);
    case DECLARER: return judge_declared(j, word, command);
    case READER: return judge_read(j, word, command);
    case PRINTER: return judge_printed(j, word, command);
    default: return SHELL_PROGRAM;
    }
}

int shell_rules_allow(const struct shell_rules *rules, const char *line, const char *path, char *refusal) {
    struct judging j = {.rules = rules, .path = path ? path : "/usr/local/bin:/usr/bin:/bin", .refusal = refusal};
    const char *fault = shell_words(line, judge, &j);
    if (fault && *fault) refuse(&j, "the line cannot be read: %s", fault);
    return fault == NULL;
}
