#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct step {
    struct work *work;
    const struct walk *walk;
    char path[PATH_MAX];
    int depth;
};

static berth_status go_into(struct step *step, int folder, const char *name);

static berth_status visit_one(struct step *step, int folder, const char *name) {
    struct visit visit = {.folder = folder, .name = name, .path = step->path};
    berth_status status = work_go_on(step->work, 0);
    if (status != BERTH_OK) return status;
    if (fstatat(folder, name, &visit.status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? BERTH_OK : work_failed_at(step->work, "look at", step->path); /* somebody else took it */
    int is_folder = S_ISDIR(visit.status.st_mode), enters = is_folder && step->walk->is_recursive;
    if (enters && step->walk->folders_last) status = go_into(step, folder, name);
    if (status == BERTH_OK) status = step->walk->each(step->work, &visit, step->walk->user);
    if (status == BERTH_OK && enters && !step->walk->folders_last) status = go_into(step, folder, name);
    return status;
}

static berth_status read_folder(struct step *step, DIR *folder) {
    size_t length = strlen(step->path);
    berth_status status = BERTH_OK;
    for (struct dirent *entry; status == BERTH_OK && (errno = 0, entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        int written = snprintf(step->path + length, sizeof step->path - length, "%s%s", length ? "/" : "", entry->d_name);
        if (written >= (int)(sizeof step->path - length))
            return work_fail(step->work, BERTH_FAIL, "the path %s is too long", step->path);
        status = visit_one(step, dirfd(folder), entry->d_name);
        step->path[length] = 0;
    }
    return status == BERTH_OK && errno ? work_failed_at(step->work, "read", step->path) : status;
}

static berth_status go_into(struct step *step, int folder, const char *name) {
    if (step->depth == DEEPEST) return work_fail(step->work, BERTH_FAIL, "%s: folders are too deep", step->path);
    int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *opened = inner < 0 ? NULL : fdopendir(inner);
    if (!opened) {
        berth_status status = work_failed_at(step->work, "read", *step->path ? step->path : name);
        if (inner >= 0) close(inner);
        return status;
    }
    step->depth++;
    berth_status status = read_folder(step, opened);
    step->depth--;
    closedir(opened);
    return status;
}

berth_status walk_below(struct work *work, const struct place *place, const struct walk *walk) {
    struct step step = {.work = work, .walk = walk};
    return go_into(&step, place->folder, place->name);
}
