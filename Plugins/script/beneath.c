#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What is left of `path` below `root`; null when it is not below it. */
static const char *rest_of(const char *path, const char *root) {
    size_t length = strlen(root);
    while (length && root[length - 1] == '/') length--;
    if (strncmp(path, root, length) != 0 || (path[length] && path[length] != '/')) return NULL;
    path += length;
    path += strspn(path, "/");
    return *path ? path : ".";
}

static int open_inside(const char *root, const char *rest, int flags, mode_t mode) {
    int folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return -1;
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    int file = (int)syscall(SYS_openat2, folder, rest, &how, sizeof how);
    int error = errno;
    close(folder);
    errno = error;
    return file;
}

static void explain(const char *path, const char *root, int flags, char *refusal) {
    int writes = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT;
    const char *about = strerror(errno), *what = "";
    if (errno == EXDEV) about = "a link or .. in it leads out of the allowed folder", what = root;
    if (errno == ENOSYS) about = "this needs Linux 5.6, where paths can be held inside a folder";
    if (errno == EACCES) what = writes ? "grant it with access.write" : "grant it with access.read";
    snprintf(refusal, BENEATH_REFUSAL_BYTES, "%.500s: %s%s%.400s", path, about, *what ? "; " : "", what);
    if (errno == EXDEV) errno = EPERM;
}

static void refuse_all(char *const *roots, const char *path, char *refusal) {
    int length = snprintf(refusal, BENEATH_REFUSAL_BYTES, "%.500s is in none of the allowed folders:", path);
    for (; *roots && length < BENEATH_REFUSAL_BYTES; roots++)
        length += snprintf(refusal + length, (size_t)(BENEATH_REFUSAL_BYTES - length), " %.100s", *roots);
    errno = EPERM;
}

int beneath_lists(char *const *roots, const char *path, char *refusal) {
    for (char *const *root = roots; *root; root++)
        if (rest_of(path, *root)) return 1;
    refuse_all(roots, path, refusal);
    return 0;
}

int beneath_open(char *const *roots, const char *path, int flags, mode_t mode, char *refusal) {
    for (char *const *root = roots; *root; root++) {
        const char *rest = rest_of(path, *root);
        if (!rest) continue;
        int file = open_inside(*root, rest, flags, mode);
        if (file < 0) explain(path, *root, flags, refusal);
        return file;
    }
    refuse_all(roots, path, refusal);
    return -1;
}

int beneath_where(int descriptor, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, size - 1);
    if (length <= 0 || (size_t)length >= size - 1) return 0;
    path[length] = 0;
    return path[0] == '/';
}
