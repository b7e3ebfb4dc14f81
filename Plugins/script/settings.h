/* What the operator says of scripts: which interpreters may run, and where files of scripts may lie. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stddef.h>

struct settings {
    char **interpreters; /* names, or absolute paths */
    char **folders;
    const char *fault; /* what is wrong with the configuration; null */
};

extern struct settings settings;

/* [load] */
void settings_read(const void *config, size_t length);

#endif
