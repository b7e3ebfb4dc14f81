/* A file or a folder made into one archive. */
#ifndef PACKING_H
#define PACKING_H

#include "archive.h"

struct packed {
    uint64_t files, bytes, packed_bytes;
};

/* Writes a new tar.gz at `target`, an absolute path. */
berth_status pack(struct work *work, const struct place *source, const struct stat *status, const char *target, int level,
                  struct packed *packed);

#endif
