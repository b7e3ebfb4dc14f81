/* One attempt at a command: what was asked for, and how it went. */
#ifndef COMMAND_H
#define COMMAND_H

#include "berth_plugin.h"
#include "json.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#define KEPT_BYTES (1u << 20) /* of the program's stdout, in the result */
#define LAST_WORDS 1024       /* of its stderr, in the reason of a failure */

enum { PHASE_BEFORE, PHASE_RUNNING, PHASE_ENDED };

struct command {
    char **arguments;   /* ends with null; the first is the program */
    char **environment; /* "name=value", ends with null; the process's own with `env` over it */
    char *folder;       /* null: where the process is */
    char *input;        /* null: none */
    char *refusal;      /* why it may not run; null otherwise */

    pthread_mutex_t lock; /* over the next two: stop and kill come from another thread */
    pid_t group;          /* 0 before the start and once the leader was reaped */
    int32_t stop_reason;  /* BERTH_STOP_…, 0 while nobody asked */

    int exit_code;
    int ended_by; /* the signal, 0 when the program exited */
    char *kept;
    size_t kept_length;
    int kept_all;
    char last_words[LAST_WORDS]; /* the end of stderr */
    size_t last_words_length;
    atomic_int phase;
    atomic_ullong bytes_seen;
};

/* Reads the params of `command`; null, or what is wrong with them. */
const char *command_read(struct command *command, const void *params, size_t length);

#endif
