#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- removing --------------------------------------------------------------------------------------------------- */

static int remove_below(int folder, const char *name, int depth) {
    int inner = depth < DEEPEST ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    DIR *opened = inner < 0 ? NULL : fdopendir(inner);
    if (!opened) {
        if (inner >= 0) close(inner);
        return 0;
    }
    int all = 1;
    for (struct dirent *entry; (entry = readdir(opened));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (unlinkat(inner, entry->d_name, 0) == 0) continue;
        if (errno != EISDIR && errno != EPERM) all = 0;
        else all &= remove_below(inner, entry->d_name, depth + 1);
    }
    closedir(opened);
    return all && unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

int tree_remove(int folder, const char *name) {
    if (unlinkat(folder, name, 0) == 0) return 1;
    return (errno == EISDIR || errno == EPERM) && remove_below(folder, name, 0);
}

/* ---- making ----------------------------------------------------------------------------------------------------- */

int tree_make_file(int folder, const char *name, mode_t mode) {
    return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0777);
}

/* Its owner may write into it: so shall we. */
int tree_make_folder(int folder, const char *name, mode_t mode) { return mkdirat(folder, name, (mode & 0777) | 0700); }

/* ---- copying ---------------------------------------------------------------------------------------------------- */

static berth_status copy_bytes(struct work *work, int from, int to, const char *name, struct tally *tally) {
    static _Thread_local char bytes[1 << 16];
    for (;;) {
        ssize_t length = read(from, bytes, sizeof bytes);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return work_failed_at(work, "read", name);
        if (length == 0) return BERTH_OK;
        for (ssize_t done = 0; done < length;) {
            ssize_t written = write(to, bytes + done, (size_t)(length - done));
            if (written < 0 && errno != EINTR) return work_failed_at(work, "write the copy of", name);
            if (written > 0) done += written;
        }
        tally->bytes += (uint64_t)length;
        berth_status status = work_go_on(work, (uint64_t)length);
        if (status != BERTH_OK) return status;
    }
}

berth_status tree_copy_file(struct work *work, int folder, const char *name, int to, struct tally *tally) {
    struct stat status;
    int from = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0 || fstat(from, &status) != 0) {
        berth_status failed = work_failed_at(work, "read", name);
        if (from >= 0) close(from);
        return failed;
    }
    berth_status result = S_ISREG(status.st_mode) ? copy_bytes(work, from, to, name, tally)
                                                  : work_fail(work, BERTH_FAIL, "%s is no file", name);
    futimens(to, (struct timespec[]){status.st_atim, status.st_mtim}); /* where it may not be, the copy is as good */
    close(from);
    tally->files++;
    return result;
}

struct copying {
    int to; /* the folder that the copies go into */
    struct tally *tally;
};

/* Opens the folder below `root` that `path` lies in: we made all of it. */
static int open_parent(int root, const char *path, const char **name) {
    int folder = dup(root);
    for (const char *slash; folder >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
        char *part = strndup(path, (size_t)(slash - path));
        int inner = part ? openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        free(part);
        close(folder);
        folder = inner;
    }
    *name = path;
    return folder;
}

static berth_status copy_link(struct work *work, const struct visit *visit, int folder, const char *name) {
    char link[PATH_MAX];
    ssize_t length = readlinkat(visit->folder, visit->name, link, sizeof link - 1);
    if (length < 0) return work_failed_at(work, "read", visit->path);
    link[length] = 0;
    return symlinkat(link, folder, name) == 0 ? BERTH_OK : work_failed_at(work, "make a copy of the link", visit->path);
}

static berth_status copy_into(struct work *work, const struct visit *visit, int folder, const char *name, struct tally *tally) {
    if (S_ISDIR(visit->status.st_mode))
        return tree_make_folder(folder, name, visit->status.st_mode) == 0 ? BERTH_OK : work_failed_at(work, "make a copy of", visit->path);
    if (S_ISLNK(visit->status.st_mode)) return copy_link(work, visit, folder, name);
    if (!S_ISREG(visit->status.st_mode)) {
        work_log(work, BERTH_LOG_WARNING, "%s is left out: no file, folder or link", visit->path);
        return BERTH_OK;
    }
    int to = tree_make_file(folder, name, visit->status.st_mode);
    if (to < 0) return work_failed_at(work, "make a copy of", visit->path);
    berth_status status = tree_copy_file(work, visit->folder, visit->name, to, tally);
    if (close(to) != 0 && status == BERTH_OK) status = work_failed_at(work, "write the copy of", visit->path);
    return status;
}

static berth_status copy_one(struct work *work, const struct visit *visit, void *user) {
    struct copying *copying = user;
    const char *name;
    int folder = open_parent(copying->to, visit->path, &name);
    if (folder < 0) return work_failed_at(work, "make a copy of", visit->path);
    berth_status status = copy_into(work, visit, folder, name, copying->tally);
    close(folder);
    return status;
}

berth_status tree_copy(struct work *work, const struct place *from, int to_folder, const char *to_name, struct tally *tally) {
    struct copying copying = {.tally = tally};
    copying.to = openat(to_folder, to_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (copying.to < 0) return work_failed_at(work, "write into", to_name);
    berth_status status = walk_below(work, from, &(struct walk){.each = copy_one, .user = &copying, .is_recursive = 1});
    close(copying.to);
    return status;
}
