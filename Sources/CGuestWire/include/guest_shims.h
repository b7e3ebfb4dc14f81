/* guest_shims.h - what Embedded Swift cannot say: variadic calls, macros, atomics on raw memory.
 *
 * Only the guest imports this (as CGuestWire.Shims); the host takes guest_wire.h alone. Linux constants are spelled out
 * because the headers of the machine that builds may be older than the kernel that runs. */
#ifndef GUEST_SHIMS_H
#define GUEST_SHIMS_H

#include "guest_wire.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* ---- memory both processes see --------------------------------------------------------------------------------- */

static inline uint64_t guest_load(const uint64_t *place) { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }
static inline void guest_store(uint64_t *place, uint64_t value) { __atomic_store_n(place, value, __ATOMIC_RELEASE); }
static inline void guest_store32(uint32_t *place, uint32_t value) { __atomic_store_n(place, value, __ATOMIC_RELEASE); }

static inline char *guest_breadcrumb(gw_slot *slot) { return slot->breadcrumb; }
static inline char *guest_note(gw_slot *slot) { return slot->note; }

/* ---- calls with variable arguments, and macros ------------------------------------------------------------------ */

static inline int guest_errno(void) { return errno; }
static inline void guest_clear_errno(void) { errno = 0; }
/* Would the kernel give this process so much more memory? */
static inline int guest_has_memory(uint64_t bytes) {
    void *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) return errno != ENOMEM;
    munmap(place, bytes);
    return 1;
}
static inline int guest_open(const char *path, int flags) { return open(path, flags | O_CLOEXEC); }
static inline int guest_open_place(const char *path) { return open(path, 010000000 /* O_PATH */ | O_CLOEXEC); }
/* Follows no symbolic link: ELOOP. Every kernel with Landlock has openat2. */
static inline int guest_open_place_directly(const char *path) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {010000000 /* O_PATH */ | O_CLOEXEC, 0, 4 | 2 /* RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS */};
    return (int)syscall(437 /* openat2 */, AT_FDCWD, path, &how, sizeof how);
}
static inline int guest_close_on_exec(int descriptor) { return fcntl(descriptor, F_SETFD, FD_CLOEXEC); }
static inline void *guest_map(int descriptor, size_t length) {
    void *place = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return place == MAP_FAILED ? NULL : place;
}
static inline int guest_is_folder(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}
static inline int64_t guest_size(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 ? (int64_t)status.st_size : -1;
}
static inline int guest_unread(int descriptor) {
    int bytes = 0;
    return ioctl(descriptor, FIONREAD, &bytes) == 0 ? bytes : 0;
}
/* When something in a folder was last made or removed, in nanoseconds. The host says zero of one that is empty. */
static inline int64_t guest_changed_at(int folder) {
    struct stat status;
    return fstat(folder, &status) == 0 ? (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec : 0;
}
static inline int guest_empty_folder(const char *path) {
    char *roots[] = {(char *)path, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    if (tree == NULL) return -1;
    int failures = 0;
    for (FTSENT *entry; (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_level == 0 || entry->fts_info == FTS_D) continue;
        int is_folder = entry->fts_info == FTS_DP || entry->fts_info == FTS_DNR;
        if ((is_folder ? rmdir(entry->fts_path) : unlink(entry->fts_path)) != 0) failures++;
    }
    fts_close(tree);
    return failures;
}
static inline ssize_t guest_send(int descriptor, const void *bytes, size_t length) {
    return send(descriptor, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}
static inline void guest_ignore(int number) { signal(number, SIG_IGN); }
/* Where the host reads of what signal this process ended; NULL: nobody does. In a function: of a variable beside it Swift
 * makes none. */
static inline gw_slot **guest_last_words(void) {
    static gw_slot *page;
    return &page;
}
/* A signal of kill(2) from outside the namespace has no sender there. */
static inline void guest_exit_for_signal(int number, siginfo_t *from, void *unused) {
    (void)unused;
    int is_outside = from->si_code == SI_USER && from->si_pid == 0;
    if (*guest_last_words() && getpid() == 1) {
        guest_store32(&(*guest_last_words())->signal, (uint32_t)number | (is_outside ? 0 : GW_SIGNAL_FROM_WITHIN));
    }
    _exit(128 + number);
}
/* The first process of a pid namespace does not die of a signal without a handler. It exits with 128 and the signal's
 * number instead, and says in `page` that it was a signal. */
static inline void guest_die_by_signals(gw_slot *page) {
    if (getpid() != 1) return;
    *guest_last_words() = page;
    const int deadly[] = {SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ};
    struct sigaction action = {.sa_sigaction = guest_exit_for_signal, .sa_flags = SA_SIGINFO};
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) sigaction(deadly[i], &action, NULL);
}
static inline void guest_line_buffer(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
static inline void guest_flush(void) { fflush(stdout); }
static inline int guest_limit(int resource, uint64_t value) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0) return -1;
    if (limit.rlim_max > value) limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &limit);
}
static inline int guest_limit_memory(uint64_t bytes) { return guest_limit(RLIMIT_DATA, bytes); }
static inline int guest_limit_file(uint64_t bytes) { return guest_limit(RLIMIT_FSIZE, bytes); }
static inline int guest_limit_descriptors(uint64_t count) { return guest_limit(RLIMIT_NOFILE, count); }
static inline int guest_limit_core(void) { return guest_limit(RLIMIT_CORE, 0); }

static inline int64_t guest_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
static inline int64_t guest_monotonic(void) { return guest_clock(CLOCK_MONOTONIC); }
static inline int64_t guest_realtime(void) { return guest_clock(CLOCK_REALTIME); }
static inline int64_t guest_thread_cpu(void) { return guest_clock(CLOCK_THREAD_CPUTIME_ID); }

/* ---- the kernel's sandbox ---------------------------------------------------------------------------------------- */

static inline int guest_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }
/* Processes below this one that lose their parent become its children, so that none leaves its count. */
static inline int guest_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
static inline int guest_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
/* Is a debugger attached to this thread? */
static inline int guest_is_traced(void) {
    char line[128];
    int tracer = 0;
    FILE *status = fopen("/proc/thread-self/status", "re");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "TracerPid: %d", &tracer) == 1) break;
    if (status) fclose(status);
    return tracer != 0;
}

/* For `berth run --debug`: writes the number of this process into the file that the variable `name` names, and waits until
 * a debugger is attached. Does nothing without that variable. */
static inline void guest_await_debugger(const char *name) {
    const char *path = getenv(name);
    FILE *file = path ? fopen(path, "we") : NULL;
    if (!file) return;
    prctl(0x59616d61 /* PR_SET_PTRACER */, -1L, 0, 0, 0);
    fprintf(file, "%d\n", (int)getpid());
    fclose(file);
    unsetenv(name);
    struct timespec pause = {.tv_nsec = 20000000};
    while (!guest_is_traced()) nanosleep(&pause, NULL);
}

static inline int guest_no_new_privileges(void) { return prctl(38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0, 0); }
static inline int guest_deny_write_execute(unsigned long flags) { return prctl(65 /* PR_SET_MDWE */, flags, 0, 0, 0); }

struct guest_ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};
struct guest_path_rule {
    uint64_t allowed;
    int32_t folder;
} __attribute__((packed));

static inline int guest_landlock_version(void) { return (int)syscall(444, NULL, (size_t)0, 1u); }
static inline int guest_landlock_create(const struct guest_ruleset *rules, size_t size) {
    return (int)syscall(444, rules, size, 0u);
}
static inline int guest_landlock_allow(int ruleset, uint64_t allowed, int folder) {
    struct guest_path_rule rule = {allowed, folder};
    return (int)syscall(445, ruleset, 1 /* path beneath */, &rule, 0u);
}
static inline int guest_landlock_enter(int ruleset) { return (int)syscall(446, ruleset, 0u); }

struct guest_instruction { /* struct sock_filter */
    uint16_t code;
    uint8_t if_true;
    uint8_t if_false;
    uint32_t k;
};
/* Enters a filter: 0, or with `listens` the descriptor on which others hear of calls that the filter puts off. No
 * speculation mitigation for the whole process: it would slow the plugin and guards against nothing here. */
static inline int guest_filter(const struct guest_instruction *program, uint16_t count, int listens) {
    struct {
        uint16_t count;
        const struct guest_instruction *program;
    } filter = {count, program};
    unsigned flags = listens ? 8 /* NEW_LISTENER */ : 0;
    long result = syscall(SYS_seccomp, 1 /* filter */, flags | 4 /* SPEC_ALLOW */, &filter);
    return (int)(result < 0 && errno == EINVAL ? syscall(SYS_seccomp, 1, flags, &filter) : result);
}

struct guest_capabilities {
    struct {
        uint32_t effective, permitted, inheritable;
    } words[2];
};
/* Gives up all capabilities but those in `kept`, which are among the first 32. */
static inline int guest_keep_capabilities(uint32_t kept) {
    struct {
        uint32_t version;
        int pid;
    } header = {0x20080522, 0};
    struct guest_capabilities sets;
    if (syscall(SYS_capget, &header, &sets) != 0) return -1;
    for (int i = 0; i < 2; i++) {
        sets.words[i].permitted &= i == 0 ? kept : 0;
        sets.words[i].effective &= sets.words[i].permitted;
        sets.words[i].inheritable = 0;
    }
    return (int)syscall(SYS_capset, &header, &sets);
}

/* Sends bytes together with a descriptor. */
static inline ssize_t guest_send_descriptor(int socket, void *bytes, size_t length, int descriptor) {
    struct iovec part = {bytes, length};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

#endif
