/* The words of a command line, as a shell would part them, for somebody who judges the programs it names. */
#ifndef SHELL_WORDS_H
#define SHELL_WORDS_H

#include <stddef.h>

#define SHELL_WORD_BYTES 4096

struct shell_word {
    char text[SHELL_WORD_BYTES]; /* without its quotes */
    int varies;                  /* part of it is known only when the shell runs */
    size_t fixed;                /* and so much of it is there before that part */
    int quoted;
    int splits;                  /* it may become several words, or none */
};

/* What a judge says of a word that may name a program. */
#define SHELL_REFUSED 0
#define SHELL_PROGRAM 1 /* it does; what follows are its arguments, which nobody judges */
#define SHELL_NEXT 2    /* the next word may name one, too, or be an assignment before it */
#define SHELL_WORD 3    /* the judge wants the next word, whatever it looks like: it is no assignment */

/* What a judge remembers of a simple command; zero when it begins. */
struct shell_command {
    int wrapper, named, exec, feeds, builtins, exports, plain;
};

/* `first`: the word begins a simple command. A null word: the simple command is over. */
typedef int (*shell_judge)(void *user, const struct shell_word *word, struct shell_command *command, int first);

/* A variable that makes a shell run what is in it, or what it names. */
int shell_variable_runs(const char *name, size_t length);

/* The length of the name that a text begins with; 0 when it begins with none. */
size_t shell_name(const char *text);

/* NAME=… or NAME+=…: the length of the name; else 0. */
size_t shell_assignment(const char *text);

/* Null when the judge let everything pass; an empty text when it refused something; else why the line cannot be read. */
const char *shell_words(const char *line, shell_judge judge, void *user);

#endif
