/* One attempt at a script: a program whose first argument is a file, ours or somebody's. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "attempt.h"

#define CODE_BYTES (1u << 20)
#define REFUSAL_BYTES 1400

struct script {
    struct command command; /* first: what runs it knows nothing of scripts */
    char *scratch;          /* the file that holds the code; null when it is somebody's */
    char refusal[REFUSAL_BYTES];
};

/* Reads and judges the params, and writes the scratch file; null, or what is wrong. `*code` is the code to fail with.
 * script_release either way. */
const char *script_read(struct script *script, const void *params, size_t length, berth_status *code);
void script_release(struct script *script);

#endif
