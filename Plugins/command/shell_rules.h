/* What a command line may start, as far as can be read from it: what is seen to be unknown is refused, but not all is seen. A
 * guard rail and no sandbox: a program may do what it likes, and what it can reach is the sandbox's and the grants' to say. */
#ifndef SHELL_RULES_H
#define SHELL_RULES_H

#include "berth_plugin.h"

#include <stddef.h>

struct shell_rules {
    char **allowed;       /* null: all that are not blocked */
    char **blocked;       /* names of programs */
    char **blocked_paths; /* parts of paths */
};

#define SHELL_REFUSAL_BYTES 600

/* 1 when the line may run; else 0 and why not. `path` is the PATH in which its programs will be looked for. */
int shell_rules_allow(const struct shell_rules *rules, const char *line, const char *path, char *refusal);

#endif
