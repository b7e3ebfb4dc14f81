/* Preloaded into a host: lets writes and syncs of its store fail on demand. The file that BERTH_FAULTS names is looked at
 * as shared memory; its first byte says what fails: s syncs, w writes, f writes for want of room, l those to the log store for want of room,
 * r all that a file system refuses which has turned read-only. With b a sync does not come
 * back as long as the b is there, and the second byte is a b once one hangs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))

static char nothing[2];
static volatile char *control = nothing;

__attribute__((constructor)) static void map_control(void) {
    const char *path = getenv("BERTH_FAULTS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) control = page;
    close(file);
}

static int fails_in(char what, int file, const char *part) {
    if (control[0] != what) return 0;
    char link[40], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, part) != NULL;
}

static int fails(char what, int file) { return fails_in(what, file, "/berth.db"); }

static int is_kept(const char *path) {
    return strstr(path, "/berth.db") || strstr(path, "/logs.db") || strstr(path, "/blobs");
}

static int sync_with(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    while (fails('b', file)) {
        control[1] = 'b';
        usleep(1000);
    }
    if (fails('s', file)) {
        errno = EIO;
        return -1;
    }
    return real(file);
}

static ssize_t write_with(const char *name, int file, const void *bytes, size_t count, off64_t offset) {
    ssize_t (*real)(int, const void *, size_t, off64_t) =
        (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, name);
    if (fails('w', file) || fails('f', file) || fails_in('l', file, "/logs.db") || fails_in('r', file, ".db")) {
        errno = control[0] == 'w' ? EIO : control[0] == 'r' ? EROFS : ENOSPC;
        return -1;
    }
    return real(file, bytes, count, offset);
}

/* As the kernel does it: what is there is found before anybody asks whether it may be written. */
static int open_with(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, mode_t) = (int (*)(const char *, int, mode_t))dlsym(RTLD_NEXT, name);
    int wants = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
    if (control[0] == 'r' && wants && is_kept(path)) {
        errno = (flags & O_EXCL) && access(path, F_OK) == 0 ? EEXIST : EROFS;
        return -1;
    }
    return real(path, flags, mode);
}

static int refuses_change(const char *path) {
    if (control[0] != 'r' || !is_kept(path)) return 0;
    errno = EROFS;
    return 1;
}

SEEN int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return open_with("open", path, flags, mode);
}
SEEN int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return open_with("open64", path, flags, mode);
}
SEEN int chmod(const char *path, mode_t mode) {
    int (*real)(const char *, mode_t) = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "chmod");
    return refuses_change(path) ? -1 : real(path, mode);
}
SEEN int unlink(const char *path) {
    int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    return refuses_change(path) ? -1 : real(path);
}
SEEN int fsync(int file) { return sync_with("fsync", file); }
SEEN int fdatasync(int file) { return sync_with("fdatasync", file); }
SEEN ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return write_with("pwrite", file, bytes, count, offset);
}
SEEN ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    return write_with("pwrite64", file, bytes, count, offset);
}
