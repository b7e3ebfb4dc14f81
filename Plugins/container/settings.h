/* What the operator says of containers. Who reaches the engine's socket can be root on this machine: so what is asked of it is
 * held against these. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stddef.h>

struct settings {
    char *socket;
    char **images; /* patterns such as registry.example.org/team/ *; null: all */
    char **mounts; /* folders whose files may be mounted */
    char **containers; /* patterns of names that may be started, stopped and removed; null: all */
    int may_use_host_network;
    const char *fault; /* what is wrong with the configuration; null */
};

extern struct settings settings;

/* [load] */
void settings_read(const void *config, size_t length);

#endif
