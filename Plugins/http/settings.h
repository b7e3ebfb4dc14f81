/* What the operator says of servers: which may be called. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "request.h"

#include <sys/socket.h>

struct settings {
    char **hosts; /* patterns such as *.example.org; null: all */
    int may_be_private;
    int may_be_unverified;
    const char *fault; /* what is wrong with the configuration; null */
};

extern struct settings settings;

/* [load] */
void settings_read(const void *config, size_t length);

/* May this URL be called? Null, or why not. */
const char *settings_judge(struct request *request, CURLU *url);

/* May this address be connected to? Asked with what the name was resolved to. */
int settings_allow(const struct sockaddr *address);

#endif
