#include "packing.h"
#include "output.h"
#include "walk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct packing {
    struct archive archive;
    const char *name; /* of what is packed: all paths begin with it */
};

static berth_status add_one(struct work *work, const struct visit *visit, void *user) {
    struct packing *packing = user;
    char path[PATH_MAX + NAME_MAX + 2];
    (void)work;
    snprintf(path, sizeof path, "%s/%s", packing->name, visit->path);
    return archive_add(&packing->archive, visit->folder, visit->name, path, &visit->status);
}

static berth_status add_all(struct work *work, struct packing *packing, const struct place *source, const struct stat *status) {
    berth_status result = archive_add(&packing->archive, source->folder, source->name, packing->name, status);
    if (result != BERTH_OK || !S_ISDIR(status->st_mode)) return result;
    return walk_below(work, source, &(struct walk){.each = add_one, .user = packing, .is_recursive = 1});
}

static berth_status write_archive(struct work *work, int file, const struct place *source, const struct stat *status, int level,
                                  struct packed *packed) {
    struct packing packing = {.name = source->name};
    berth_status result = archive_begin(&packing.archive, work, file, level);
    if (result != BERTH_OK) return result;
    result = archive_end(&packing.archive, add_all(work, &packing, source, status));
    packed->files = packing.archive.files;
    packed->bytes = packing.archive.bytes;
    return result;
}

berth_status pack(struct work *work, const struct place *source, const struct stat *status, const char *target, int level,
                  struct packed *packed) {
    struct output output;
    struct stat written = {0};
    int file = -1;
    berth_status result = output_begin(&output, work, source, target, S_IFREG | (status->st_mode & 0666), &file);
    if (result != BERTH_OK) return result;
    int same = dup(file); /* the archive closes its own */
    result = write_archive(work, file, source, status, level, packed);
    if (result == BERTH_OK && (fsync(same) != 0 || fstat(same, &written) != 0)) result = work_failed_at(work, "write", target);
    if (same >= 0) close(same);
    packed->packed_bytes = (uint64_t)written.st_size;
    return output_end(&output, result);
}
