/* A new file or folder that stands under its name only when it is whole. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "place.h"

struct output {
    struct work *work;
    struct place place;
    char part[NAME_MAX + 1]; /* its name until then, by source and run: what a killed attempt of the run left is replaced */
    int hold;                /* says that somebody is at it; -1 where the file system cannot */
};

/* Makes a file, opened for writing, or a folder, by the kind and the permissions of `mode`, beside where it is to stand. A name that
 * is taken is refused, and one inside of what it is made from, `source`. output_end when BERTH_OK. */
berth_status output_begin(struct output *output, struct work *work, const struct place *source, const char *path,
                          mode_t mode, int *descriptor);

/* Gives it its name; or removes it when `status` is not BERTH_OK. Answers how it ended. */
berth_status output_end(struct output *output, berth_status status);

#endif
