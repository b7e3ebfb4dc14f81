/* Starts the program, follows it to its end, and leaves nothing of its process group behind. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "command.h"

#include <signal.h>

extern const berth_host *host;

struct start_failure {
    int error;     /* errno, 0 when the program ran */
    int at_folder; /* it was the working folder */
};

/* [run] Returns when the program has ended; its lines have become log lines. */
struct start_failure program_run(struct command *command, berth_context *context);

/* [callback] Sends the signal to the group, now or as soon as there is one, and remembers why. */
void program_signal(struct command *command, int signal, int32_t reason);

#endif
