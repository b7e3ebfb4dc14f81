/* Visits what is in a folder, by descriptors alone: whatever is renamed or linked meanwhile, nothing outside is reached. */
#ifndef WALK_H
#define WALK_H

#include "place.h"

#define DEEPEST 128

struct visit {
    int folder;       /* that it lies in */
    const char *name; /* within it */
    const char *path; /* below the folder that was begun with, as "a/b" */
    struct stat status;
};

/* Not BERTH_OK ends the walk with that. */
typedef berth_status (*visitor)(struct work *work, const struct visit *visit, void *user);

struct walk {
    visitor each;
    void *user;
    int is_recursive;
    int folders_last; /* else before what is in them */
};

/* Visits all below the place, which is a folder; itself not. */
berth_status walk_below(struct work *work, const struct place *place, const struct walk *walk);

#endif
