/* The component `shell`: a command line, as people type them and as the cronjob server sends them. */
#ifndef SHELL_H
#define SHELL_H

#include "command.h"

/* [load] Reads what the operator says of shells, `shell` in the plugin's configuration. */
void shell_configure(const void *config, size_t length);

/* What is wrong with the plugin's configuration; null. What is meant for a shell may stand where it holds for nothing. */
const char *shell_fault(void);

/* Reads and judges the params; null, or what is wrong with them. `*code` is the code to fail with. The text lives as long
 * as the command. */
const char *shell_read(struct command *command, const void *params, size_t length, berth_status *code);

#endif
