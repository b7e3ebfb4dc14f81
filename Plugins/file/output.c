#include "output.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int make(struct output *output, mode_t mode, int *descriptor) {
    if (S_ISDIR(mode)) return tree_make_folder(output->place.folder, output->part, mode);
    *descriptor = tree_make_file(output->place.folder, output->part, mode);
    return *descriptor;
}

berth_status output_begin(struct output *output, struct work *work, const struct place *source, const char *path,
                          mode_t mode, int *descriptor) {
    *output = (struct output){.work = work};
    berth_status status = place_open(work, path, &output->place);
    if (status != BERTH_OK) return status;
    struct stat there;
    int length = snprintf(output->part, sizeof output->part, ".%.200s.part-%d", output->place.name, (int)getpid());
    if (length >= (int)sizeof output->part) status = work_fail(work, BERTH_FAIL_PARAMS, "%s is too long a name", path);
    else if (fstatat(output->place.folder, output->place.name, &there, AT_SYMLINK_NOFOLLOW) == 0)
        status = work_fail(work, BERTH_FAIL, "%s is there already", output->place.where);
    else if (place_holds(source, &output->place))
        status = work_fail(work, BERTH_FAIL_PARAMS, "%s is inside %s, and would become part of itself", output->place.where,
                           source->where);
    else if (make(output, mode, descriptor) < 0)
        status = work_failed_at(work, "make", output->place.where);
    if (status != BERTH_OK) place_close(&output->place);
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
    place_close(&output->place);
    return status;
}
