/* A file or folder that may be touched: opened first, judged by where it is then. */
#ifndef PLACE_H
#define PLACE_H

#include "work.h"

#include <limits.h>
#include <sys/stat.h>

struct place {
    int folder;          /* that it lies in */
    char name[NAME_MAX + 1];
    char where[PATH_MAX]; /* all of its path, links of folders followed */
};

/* The place of a path whose folder is there; the last part itself may be a link, or not be there. place_close when BERTH_OK. */
berth_status place_open(struct work *work, const char *path, struct place *place);
void place_close(struct place *place);

/* Is `inner` somewhere below the folder? */
int place_holds(const struct place *folder, const struct place *inner);

/* What is there, links not followed; ENOENT is a failure of the params. */
berth_status place_stat(struct work *work, const struct place *place, struct stat *status);

#endif
