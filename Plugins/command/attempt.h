/* What the host calls during an attempt at a program, whichever component it belongs to. `self` begins with a command. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include "command.h"

extern const berth_host *host;

/* Reads the part of the params that all components share, env, cwd and stdin; null, or what is wrong with it. */
const char *attempt_read(struct command *command, json_value root);

/* After the params were read: a lock for the calls that come from another thread. */
void attempt_begin(struct command *command);

/* Gives back what a command holds, not the command itself. */
void attempt_release(struct command *command);

berth_status attempt_execute(berth_context *context, void *self);
berth_status attempt_stop(void *self, int32_t reason);
berth_status attempt_kill(void *self);
berth_status attempt_status(void *self, berth_runner_status *out);
berth_status attempt_result(berth_context *context, void *self);
void attempt_cleanup(void *self);

#endif
