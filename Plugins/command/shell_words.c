#include "shell_words.h"

#include <ctype.h>
#include <string.h>

#define DEEPEST 16

struct reader {
    const char *at;
    shell_judge judge;
    void *user;
    const char *fault;
    int depth;
};

static void read_list(struct reader *r, char closing);

size_t shell_name(const char *text) {
    const char *at = text;
    if (isdigit((unsigned char)*at)) return 0;
    while (isalnum((unsigned char)*at) || *at == '_') at++;
    return (size_t)(at - text);
}

size_t shell_assignment(const char *text) {
    size_t name = shell_name(text);
    return name && (text[name] == '=' || (text[name] == '+' && text[name + 1] == '=')) ? name : 0;
}

static void fail(struct reader *r, const char *fault) {
    if (!r->fault) r->fault = fault;
    r->at += strlen(r->at);
}

static void put(struct reader *r, struct shell_word *word, char c) {
    size_t length = strlen(word->text);
    if (length + 1 < SHELL_WORD_BYTES) word->text[length] = c;
    else fail(r, "a word of it is too long");
}

static void vary(struct shell_word *word) {
    if (!word->varies) word->fixed = strlen(word->text);
    word->varies = 1;
}

/* What a substitution holds is a list of its own. */
static void read_inner(struct reader *r, char closing) {
    if (++r->depth > DEEPEST) fail(r, "its substitutions are too deep");
    else read_list(r, closing);
    r->depth--;
    if (*r->at == closing) r->at++;
    else fail(r, "a substitution in it is not closed");
}

static void read_dollar(struct reader *r, struct shell_word *word);

/* Reads to the end of ${…} or $((…)), and what is substituted within. */
static void skip_braces(struct reader *r, struct shell_word *word, char open, char closing) {
    int level = 1;
    while (*r->at && level) {
        char c = *r->at++;
        if (c == open) level++;
        else if (c == closing) level--;
        else if (c == '$') read_dollar(r, word);
        else if (c == '`') read_inner(r, '`');
        else if (c == '\\' && *r->at) r->at++;
    }
    if (level) fail(r, "a brace in it is not closed");
}

/* Behind "((": do they hold arithmetic, or a list in parentheses? Arithmetic ends with "))" that belong to them; what holds
 * anything that could hide a parenthesis is read as a list. */
static int is_arithmetic(const char *at) {
    static const char plain[] = " \t+-*/%<>=!&|^~?:,_$[]{}";
    for (int level = 1; *at; at++) {
        if (*at == '(') level++;
        else if (*at == ')' && --level == 0) return at[1] == ')';
        else if (*at != ')' && !isalnum((unsigned char)*at) && !strchr(plain, *at)) return 0;
    }
    return 0;
}

static const char SETS_WHAT_RUNS[] = "it sets a variable that makes a shell run something (BASH_ENV, PS4 and the like)";

/* Behind a subscript; null when something in it could hide its end. */
static const char *behind_subscript(const char *at) {
    int level = 0;
    do {
        if (*at == '[') level++;
        else if (*at == ']') level--;
        else if (!*at || strchr("'\"`\\(", *at)) return NULL;
        at++;
    } while (level);
    return at;
}

/* Behind "${": NAME=… and NAME:=… set the variable, with a subscript too; behind "!" that is one whose name varies. */
static int sets_what_runs(const char *at) {
    int is_indirect = *at == '!';
    at += is_indirect;
    size_t length = shell_name(at);
    if (!is_indirect && !shell_variable_runs(at, length)) return 0;
    at += length ? length : strspn(at, "0123456789");
    if (*at == '[') at = behind_subscript(at);
    return !at || at[*at == ':'] == '=';
}

/* After a dollar sign. */
static void read_dollar(struct reader *r, struct shell_word *word) {
    vary(word);
    if (*r->at == '{') {
        r->at++;
        if (sets_what_runs(r->at)) return fail(r, SETS_WHAT_RUNS);
        skip_braces(r, word, '{', '}');
    } else if (*r->at == '(') {
        r->at++;
        if (*r->at == '(' && is_arithmetic(r->at + 1)) skip_braces(r, word, '(', ')');
        else read_inner(r, ')');
    }
}

static void read_double_quotes(struct reader *r, struct shell_word *word) {
    while (*r->at && *r->at != '"') {
        char c = *r->at++;
        if (c == '$' && (*r->at == '@' || *r->at == '{') && strchr(r->at, '@')) word->splits = 1; /* "$@" and "${A[@]}" */
        if (c == '$') read_dollar(r, word);
        else if (c == '`') vary(word), read_inner(r, '`');
        else if (c == '\\' && *r->at) put(r, word, *r->at++);
        else put(r, word, c);
    }
    if (*r->at == '"') r->at++;
    else fail(r, "a quote in it is not closed");
}

static void read_single_quotes(struct reader *r, struct shell_word *word) {
    while (*r->at && *r->at != '\'') put(r, word, *r->at++);
    if (*r->at == '\'') r->at++;
    else fail(r, "a quote in it is not closed");
}

static int ends_word(char c, char closing) { return !c || c == closing || strchr(" \t\r\n;&|<>()", c); }

static void read_word(struct reader *r, struct shell_word *word, char closing) {
    memset(word, 0, sizeof *word);
    while (!ends_word(*r->at, closing)) {
        char c = *r->at++;
        if (strchr("'\"\\", c)) word->quoted = 1;
        else if (strchr("$`*?[{", c)) word->splits = 1;
        if (c == '\'') read_single_quotes(r, word);
        else if (c == '"') read_double_quotes(r, word);
        else if (c == '$') read_dollar(r, word);
        else if (c == '`') vary(word), read_inner(r, '`');
        else if (c == '\\' && *r->at) put(r, word, *r->at++);
        else {
            int is_test = c == '[' && !*word->text && ends_word(*r->at, closing); /* the program of that name */
            if ((strchr("*?[", c) && !is_test) || (c == '{' && *r->at != '}' && !ends_word(*r->at, closing))) vary(word);
            put(r, word, c);
        }
    }
}

/* After the first < or >: what stands there is a file, or a list whose output is one. */
static void read_redirection(struct reader *r, char closing) {
    struct shell_word target;
    if (r->at[0] == '<' && r->at[1] == '<' && r->at[2] != '<')
        return fail(r, "it holds a document (<<), which cannot be judged: hand it over as \"stdin\"");
    while (strchr("<>&|", *r->at) && *r->at) r->at++;
    if (*r->at == '(') {
        r->at++;
        return read_inner(r, ')');
    }
    r->at += strspn(r->at, " \t");
    read_word(r, &target, closing);
}

static int is_among(const char *text, const char *const *words) {
    while (*words && strcmp(text, *words) != 0) words++;
    return *words != 0;
}

int shell_variable_runs(const char *name, size_t length) {
    static const char *const names[] = {"ENV", "PS0", "PS1", "PS2", "PS4", "PROMPT_COMMAND", "SHELLOPTS", "BASHOPTS", NULL};
    if (strncmp(name, "BASH_", 5) == 0 || strncmp(name, "LD_", 3) == 0) return 1;
    for (const char *const *known = names; *known; known++)
        if (strlen(*known) == length && strncmp(name, *known, length) == 0) return 1;
    return 0;
}

/* The length of the name that a word gives a value to; 0 when it does not, or the name varies: that is a program's then. */
static size_t assigned(const struct shell_word *word) {
    size_t name = shell_assignment(word->text);
    return word->varies && word->fixed <= name ? 0 : name;
}

/* Words after which a program's name may still come. */
static int is_passed_over(const struct shell_word *word) {
    static const char *const words[] = {"if", "then", "elif", "else", "while", "until", "do", "!",   "{",
                                        "}",  "fi",   "done", "esac", "[[",    "]]",   NULL};
    return assigned(word) || (!word->quoted && is_among(word->text, words));
}

/* Words whose simple command names no program. */
static int begins_clause(const struct shell_word *word) {
    static const char *const words[] = {"for", "case", "select", "in", NULL};
    return !word->quoted && is_among(word->text, words);
}

/* What the next word of a simple command may be; NAME: the variable of a loop; WORD: what the judge wants as it is. */
enum place { FIRST, LATER, WORD, NAME, ARGUMENT };

struct simple {
    enum place place;
    struct shell_command notes;
};

static void ask(struct reader *r, const struct shell_word *word, struct simple *simple) {
    int verdict = r->judge(r->user, word, &simple->notes, simple->place == FIRST);
    if (verdict == SHELL_REFUSED) fail(r, "");
    simple->place = verdict == SHELL_NEXT ? LATER : verdict == SHELL_WORD ? WORD : ARGUMENT;
}

static void judge_word(struct reader *r, const struct shell_word *word, struct simple *simple) {
    if (simple->place == WORD) return ask(r, word, simple);
    if (!word->quoted && strcmp(word->text, "{") == 0) simple->place = FIRST; /* also behind "function name" */
    size_t name = assigned(word);
    if (simple->place == NAME) name = shell_name(word->text);
    if (simple->place != ARGUMENT && name && shell_variable_runs(word->text, name)) return fail(r, SETS_WHAT_RUNS);
    if (simple->place == NAME) simple->place = ARGUMENT;
    if (simple->place == ARGUMENT || is_passed_over(word)) return;
    if (simple->place == FIRST && begins_clause(word)) {
        simple->place = strchr("fs", *word->text) ? NAME : ARGUMENT;
        return;
    }
    ask(r, word, simple);
}

static void end_simple(struct reader *r, struct simple *simple) {
    if (!r->fault && r->judge(r->user, NULL, &simple->notes, 0) == SHELL_REFUSED) fail(r, "");
    *simple = (struct simple){.place = FIRST};
}

/* The number of a descriptor before < or >. */
static int is_descriptor(const struct reader *r, const struct shell_word *word) {
    int is_number = *word->text && strspn(word->text, "0123456789") == strlen(word->text);
    return is_number && !word->quoted && !word->varies && (*r->at == '<' || *r->at == '>');
}

static void read_list(struct reader *r, char closing) {
    struct shell_word word;
    struct simple simple = {.place = FIRST};
    int level = 0; /* of parentheses within; a case has some that close alone */
    while (*r->at && (*r->at != closing || (closing == ')' && level))) {
        if (strchr(" \t\r", *r->at) || (r->at[0] == '\\' && r->at[1] == '\n')) {
            r->at += *r->at == '\\' ? 2 : 1;
        } else if (strchr("<>", *r->at) || (r->at[0] == '&' && r->at[1] == '>')) {
            read_redirection(r, closing);
        } else if (strchr("\n;&|()", *r->at)) {
            level += *r->at == '(' ? 1 : *r->at == ')' ? -1 : 0;
            r->at++;
            end_simple(r, &simple);
        } else if (*r->at == '#') {
            r->at += strcspn(r->at, "\n");
        } else {
            read_word(r, &word, closing);
            if (closing == ')' && !word.quoted && strcmp(word.text, "case") == 0)
                fail(r, "a case inside of $(…), whose parentheses do not pair");
            if (!r->fault && !is_descriptor(r, &word)) judge_word(r, &word, &simple);
        }
    }
    end_simple(r, &simple);
}

const char *shell_words(const char *line, shell_judge judge, void *user) {
    struct reader r = {.at = line, .judge = judge, .user = user};
    read_list(&r, 0);
    return r.fault;
}
