/* check_shims.h - what berth-check needs of libc and Embedded Swift cannot say: variadic calls, macros, unions. */
#ifndef CHECK_SHIMS_H
#define CHECK_SHIMS_H

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int check_is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }
static inline int check_open_state(const char *path) { return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); }
static inline int check_open(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
static inline int check_open_folder(const char *path) { return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); }

/* What a signal does: SIG_DFL, SIG_IGN or the address of its handler. */
static inline uint64_t check_disposition(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    if (sigaction(number, NULL, &action) != 0) return 0;
    return (uint64_t)(uintptr_t)action.sa_handler;
}
static inline uint64_t check_blocked_signals(void) {
    sigset_t set;
    uint64_t bits = 0;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    for (int number = 1; number < 64; number++)
        if (sigismember(&set, number) == 1) bits |= 1ull << number;
    return bits;
}

/* 0: no children; 1: children that run; 2: children that ended and that nobody waited for. */
static inline int check_children(void) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return 0;
    return info.si_pid == 0 ? 1 : 2;
}

/* Bytes that malloc has given out and not got back. */
static inline uint64_t check_allocated(void) {
    struct mallinfo2 info = mallinfo2();
    return (uint64_t)info.uordblks + (uint64_t)info.hblkhd;
}
static inline void check_trim(void) { malloc_trim(0); }

static inline uint64_t check_file_size(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* Two pages: one to read and write, behind it one that may not be touched. */
static inline void *check_guarded_page(void) {
    char *place = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED || mprotect(place + 4096, 4096, PROT_NONE) != 0) return NULL;
    return place;
}
static inline void *check_map_shared(int descriptor) {
    void *place = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return place == MAP_FAILED ? NULL : place;
}

#endif
