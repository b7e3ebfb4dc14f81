/* The regular files at or below a path. */
#ifndef FILES_H
#define FILES_H

#include "berth_plugin.h"

#include <stdint.h>

struct file {
    char *path;
    uint64_t bytes; /* when it was found */
};

struct files {
    struct file *list; /* in order of name, folder by folder */
    size_t count, capacity;
    uint64_t bytes;       /* of all */
    uint64_t passed_over; /* could not be read */
};

/* A file stands for itself. Below a folder everything is found: files, and links to files, which count under each name
 * that leads to them, as they would for `wc FOLDER/...`; links to folders are not followed. What cannot be read inside a
 * folder is passed over. When `path` itself cannot be read, or somebody asks to stop, the attempt's end is returned. */
berth_status files_find(struct files *files, berth_context *context, const char *path);
void files_free(struct files *files);

/* The end of an attempt that was asked to stop, BERTH_OK while nobody asked. */
berth_status asked_to_stop(berth_context *context);

/* The failure for a path that errno says cannot be read. */
berth_status cannot_read(berth_context *context, const char *path, int error);

/* Counts and logs one that cannot be read. */
void files_pass_over(struct files *files, berth_context *context, const char *path, int error);

#endif
