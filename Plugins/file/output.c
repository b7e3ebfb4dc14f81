#include "output.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

static int make(struct output *output, mode_t mode, int *descriptor) {
    if (S_ISDIR(mode)) return tree_make_folder(output->place.folder, output->part, mode);
    *descriptor = tree_make_file(output->place.folder, output->part, mode);
    return *descriptor;
}

/* Holds the part as long as this process lives and is at it. -1 with errno; EWOULDBLOCK when another is. */
static int hold(const struct output *output) {
    int held = openat(output->place.folder, output->part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (held < 0 || flock(held, LOCK_EX | LOCK_NB) == 0) return held;
    int error = errno;
    close(held);
    errno = error;
    return -1;
}

/* By the source: the target of a later attempt may have another time in its name. */
static berth_status name_part(struct output *output, struct work *work, const struct place *source) {
    berth_ids ids = {.struct_size = sizeof ids};
    if (host->ids(work->context, &ids) != BERTH_OK) return work_fail(work, BERTH_RETRY, "the host does not say which run this is");
    snprintf(output->part, sizeof output->part, ".%.200s.part-%llu", source->name, (unsigned long long)ids.run);
    return BERTH_OK;
}

/* Removes what a killed attempt of this run left. Runs of hosts that know nothing of each other may have the same number. */
static berth_status clear(struct output *output) {
    int held = hold(output);
    if (held < 0 && errno == EWOULDBLOCK)
        return work_fail(output->work, BERTH_RETRY, "another run is at %s beside %s", output->part, output->place.where);
    if (held >= 0 || errno != ENOENT) tree_remove(output->place.folder, output->part);
    if (held >= 0) close(held);
    return BERTH_OK;
}

berth_status output_begin(struct output *output, struct work *work, const struct place *source, const char *path,
                          mode_t mode, int *descriptor) {
    *output = (struct output){.work = work, .hold = -1};
    berth_status status = place_open(work, path, &output->place);
    if (status != BERTH_OK) return status;
    struct stat there;
    status = name_part(output, work, source);
    if (status != BERTH_OK) return place_close(&output->place), status;
    if (fstatat(output->place.folder, output->place.name, &there, AT_SYMLINK_NOFOLLOW) == 0)
        status = work_fail(work, BERTH_FAIL, "%s is there already", output->place.where);
    else if (place_holds(source, &output->place))
        status = work_fail(work, BERTH_FAIL_PARAMS, "%s is inside %s, and would become part of itself", output->place.where,
                           source->where);
    else if ((status = clear(output)) == BERTH_OK && make(output, mode, descriptor) < 0)
        status = work_failed_at(work, "make", output->place.where);
    if (status == BERTH_OK) output->hold = hold(output);
    else place_close(&output->place);
    return status;
}

/* Never over something else that came meanwhile; where the file system cannot promise that, it was just not there. */
static int rename_new(int folder, const char *from, const char *to) {
    if (syscall(SYS_renameat2, folder, from, folder, to, 1 /* RENAME_NOREPLACE */) == 0) return 0;
    return errno == EINVAL || errno == ENOSYS ? renameat(folder, from, folder, to) : -1;
}

berth_status output_end(struct output *output, berth_status status) {
    int folder = output->place.folder;
    if (status == BERTH_OK && rename_new(folder, output->part, output->place.name) != 0)
        status = work_failed_at(output->work, "name", output->place.where);
    if (status != BERTH_OK) tree_remove(folder, output->part);
    if (output->hold >= 0) close(output->hold);
    place_close(&output->place);
    return status;
}
