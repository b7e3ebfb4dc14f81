/* Preloaded into a host: lets writes and syncs of its store fail on demand. The file that BERTH_FAULTS names is looked at
 * as shared memory; its first byte says what fails: s syncs, w writes, f writes for want of room. With b a sync does not come
 * back as long as the b is there, and the second byte is a b once one hangs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
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

static int fails(char what, int file) {
    if (control[0] != what) return 0;
    char link[40], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "/berth.db") != NULL;
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
    if (fails('w', file) || fails('f', file)) {
        errno = control[0] == 'f' ? ENOSPC : EIO;
        return -1;
    }
    return real(file, bytes, count, offset);
}

SEEN int fsync(int file) { return sync_with("fsync", file); }
SEEN int fdatasync(int file) { return sync_with("fdatasync", file); }
SEEN ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return write_with("pwrite", file, bytes, count, offset);
}
SEEN ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    return write_with("pwrite64", file, bytes, count, offset);
}
