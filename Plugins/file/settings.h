/* Where files may be touched: inside the operator's roots, and never where the system keeps its own. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stddef.h>

struct settings {
    char **roots;
    const char *fault; /* what is wrong with the configuration; null */
};

extern struct settings settings;

/* [load] */
void settings_read(const void *config, size_t length);

/* Is this place, links followed, the system's own? */
int settings_is_system(const char *where);

#endif
