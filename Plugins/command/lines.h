/* The output of a program, line by line into the log. */
#ifndef LINES_H
#define LINES_H

#include "command.h"

#define LINE_BYTES 8192 /* the log keeps no more of one line */

struct lines {
    berth_context *context;
    struct command *command; /* keeps what comes on stdout */
    int32_t level;
    const char *stream;
    char line[LINE_BYTES];
    size_t length;
};

/* Reads once. 1: got something; 0: the pipe is at its end; -1: nothing there now. */
int lines_take(struct lines *lines, int descriptor);

/* Logs a last line that had no newline. */
void lines_end(struct lines *lines);

#endif
