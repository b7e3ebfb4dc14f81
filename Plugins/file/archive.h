/* A tar archive, compressed by gzip, as GNU tar and its kin read it. */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include "place.h"

#include <zlib.h>

struct archive {
    struct work *work;
    gzFile out;
    uint64_t files, bytes;
};

/* Takes the descriptor over. BERTH_RETRY when memory is short. */
berth_status archive_begin(struct archive *archive, struct work *work, int descriptor, int level);

/* Adds a file, a folder or a link under `path`. */
berth_status archive_add(struct archive *archive, int folder, const char *name, const char *path, const struct stat *status);

/* Writes the end, or leaves it unfinished; the descriptor is closed either way. */
berth_status archive_end(struct archive *archive, berth_status status);

#endif
