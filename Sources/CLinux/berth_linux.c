#define _GNU_SOURCE
#include "berth_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static int answer(int result) { return result < 0 ? -errno : result; }

/* ---- epoll ------------------------------------------------------------------------------------------------------ */

_Static_assert(BERTH_EPOLL_IN == EPOLLIN && BERTH_EPOLL_OUT == EPOLLOUT, "kernel's values");
_Static_assert(BERTH_EPOLL_ONCE == EPOLLONESHOT, "kernel's value");
_Static_assert(BERTH_EPOLL_ERROR == EPOLLERR && BERTH_EPOLL_HANGUP == EPOLLHUP, "kernel's values");

int berth_epoll_create(void) { return answer(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return answer(epoll_ctl(epoll, operation, descriptor, &event));
}

int berth_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, events, token);
}

int berth_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, events, token);
}

int berth_epoll_remove(int epoll, int descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int berth_epoll_wait(int epoll, berth_epoll_event *events, int capacity, int64_t timeout_ns) {
    struct epoll_event raw[256];
    if (capacity > 256) capacity = 256;
    struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    int count = epoll_pwait2(epoll, raw, capacity, timeout_ns < 0 ? NULL : &timeout, NULL);
    if (count < 0 && errno == ENOSYS) {
        int64_t milliseconds = timeout_ns < 0 ? -1 : (timeout_ns + 999999) / 1000000;
        count = epoll_wait(epoll, raw, capacity, milliseconds > 1000000 ? 1000000 : (int)milliseconds);
    }
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        events[i] = (berth_epoll_event){.token = raw[i].data.u64, .events = raw[i].events};
    }
    return count;
}

/* ---- events and timers ------------------------------------------------------------------------------------------ */

int berth_event_create(void) { return answer(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void berth_event_signal(int event) {
    uint64_t one = 1;
    (void)!write(event, &one, sizeof one); /* fails only when the counter is full, and then it is signalled */
}

void berth_event_clear(int event) {
    uint64_t count;
    (void)!read(event, &count, sizeof count);
}

int berth_timer_create_wall(void) { return answer(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK)); }

int berth_timer_arm(int timer, int is_wall, int64_t at_ns) {
    if (at_ns < 1) at_ns = 1; /* zero would disarm */
    struct itimerspec when = {.it_value = {.tv_sec = at_ns / 1000000000, .tv_nsec = at_ns % 1000000000}};
    if (at_ns == INT64_MAX && !is_wall) when.it_value = (struct timespec){0, 0};
    int flags = TFD_TIMER_ABSTIME | (is_wall ? TFD_TIMER_CANCEL_ON_SET : 0);
    int result = timerfd_settime(timer, flags, &when, NULL);
    /* The clock was set since the timer was read last: it is armed all the same, and readable. */
    if (result < 0 && errno == ECANCELED) return 0;
    return answer(result);
}

int64_t berth_timer_read(int timer) {
    uint64_t count = 0;
    if (read(timer, &count, sizeof count) == sizeof count) return (int64_t)count;
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/* ---- file watches ----------------------------------------------------------------------------------------------- */

_Static_assert(BERTH_WATCH_MODIFIED == IN_MODIFY && BERTH_WATCH_ATTRIBUTES == IN_ATTRIB, "kernel's values");
_Static_assert(BERTH_WATCH_CLOSED_WRITE == IN_CLOSE_WRITE && BERTH_WATCH_MOVED_FROM == IN_MOVED_FROM, "kernel's values");
_Static_assert(BERTH_WATCH_MOVED_TO == IN_MOVED_TO && BERTH_WATCH_CREATED == IN_CREATE, "kernel's values");
_Static_assert(BERTH_WATCH_DELETED == IN_DELETE && BERTH_WATCH_SELF_DELETED == IN_DELETE_SELF, "kernel's values");
_Static_assert(BERTH_WATCH_SELF_MOVED == IN_MOVE_SELF && BERTH_WATCH_UNMOUNTED == IN_UNMOUNT, "kernel's values");
_Static_assert(BERTH_WATCH_OVERFLOW == IN_Q_OVERFLOW && BERTH_WATCH_IGNORED == IN_IGNORED, "kernel's values");
_Static_assert(BERTH_WATCH_ONLY_FOLDER == IN_ONLYDIR && BERTH_WATCH_IS_FOLDER == IN_ISDIR, "kernel's values");

int berth_watch_create(void) { return answer(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)); }
int berth_watch_add(int inotify, const char *path, uint32_t mask) {
    return answer(inotify_add_watch(inotify, path, mask));
}
int berth_watch_remove(int inotify, int watch) { return answer(inotify_rm_watch(inotify, watch)); }

long berth_watch_read(int inotify, void *buffer, size_t capacity) {
    long count = berth_read(inotify, buffer, capacity);
    return count == -EAGAIN ? 0 : count;
}

size_t berth_watch_next(const void *buffer, size_t length, size_t offset, berth_watch_event *out) {
    struct inotify_event record;
    if (offset > length || length - offset < sizeof record) return 0;
    const char *start = (const char *)buffer + offset;
    memcpy(&record, start, sizeof record);
    if (record.len > length - offset - sizeof record) return 0;
    const char *name = start + sizeof record;
    *out = (berth_watch_event){.watch = record.wd, .mask = record.mask, .cookie = record.cookie, .name = name};
    out->name_length = (uint32_t)strnlen(name, record.len);
    return offset + sizeof record + record.len;
}

/* ---- memory, locks, threads ------------------------------------------------------------------------------------- */

int berth_memory_create(const char *name, size_t bytes) {
    int memory = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0) return -errno;
    if (ftruncate(memory, (off_t)bytes) < 0 ||
        fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        int code = errno;
        close(memory);
        return -code;
    }
    return memory;
}

void *berth_memory_map(int memory, size_t bytes) {
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    return start == MAP_FAILED ? NULL : start;
}

void berth_store_word(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }

void berth_name_thread(const char *name) {
    char text[16] = {0};
    strncpy(text, name, sizeof text - 1);
    pthread_setname_np(pthread_self(), text);
}

/* ---- sockets ---------------------------------------------------------------------------------------------------- */

static int make_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? flags : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

static int nonblocking_or_closed(int pair[2]) {
    if (make_nonblocking(pair[0]) == 0) return 0;
    int code = errno;
    close(pair[0]);
    close(pair[1]);
    return -code;
}

int berth_socket_pair(int *ours, int *theirs, int buffer_bytes) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
    int result = nonblocking_or_closed(pair);
    if (result < 0) return result;
    for (int i = 0; i < 2; i++) { /* a wish: root passes the system's limit, others get what it allows */
        if (setsockopt(pair[i], SOL_SOCKET, SO_SNDBUFFORCE, &buffer_bytes, sizeof buffer_bytes) < 0) {
            setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
        }
    }
    *ours = pair[0];
    *theirs = pair[1];
    return 0;
}

int berth_pipe(int *reading, int *writing) {
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) < 0) return -errno;
    int result = nonblocking_or_closed(pair);
    if (result < 0) return result;
    *reading = pair[0];
    *writing = pair[1];
    return 0;
}

long berth_send(int socket, const void *bytes, size_t length) {
    for (;;) {
        ssize_t count = send(socket, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

long berth_read(int descriptor, void *buffer, size_t capacity) {
    for (;;) {
        ssize_t count = read(descriptor, buffer, capacity);
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

long berth_readable(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) < 0 ? -errno : count;
}

/* ---- processes -------------------------------------------------------------------------------------------------- */

#define SPAWN_DESCRIPTORS 8
#define FIRST_FREE 16 /* descriptors are parked from here up before they take their places */

struct spawn {
    const berth_spawn_request *request;
    unsigned user, group;
    int code; /* written by the child, which shares our memory until its exec */
};

static void reset_signals(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Parks all first, so that no place is taken while the descriptor there is still needed. */
static int place_descriptors(const berth_spawn_request *request) {
    int parked[SPAWN_DESCRIPTORS];
    for (int i = 0; i < request->descriptor_count; i++) {
        parked[i] = fcntl(request->descriptors[i], F_DUPFD_CLOEXEC, FIRST_FREE);
        if (parked[i] < 0) return -1;
    }
    int program = fcntl(request->program, F_DUPFD_CLOEXEC, FIRST_FREE);
    if (program < 0) return -1;
    if (request->folder >= 0 && fchdir(request->folder) < 0) return -1;
    for (int i = 0; i < request->descriptor_count; i++) {
        if (dup2(parked[i], i) < 0) return -1;
    }
    /* Closed by the exec and not before it: the program itself is one of them. */
    unsigned first = (unsigned)request->descriptor_count;
    if (syscall(SYS_close_range, first, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) < 0) return -1;
    return program;
}

static int write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = write(file, text, strlen(text));
    int code = errno;
    close(file);
    errno = code;
    return count < 0 ? -1 : 0;
}

/* In a new user namespace: its one user and group are those that spawned it. */
static int map_users(const struct spawn *spawn) {
    char users[64], groups[64];
    if (!(spawn->request->namespaces & BERTH_NEW_USERS)) return 0;
    snprintf(users, sizeof users, "%u %u 1", spawn->user, spawn->user);
    snprintf(groups, sizeof groups, "%u %u 1", spawn->group, spawn->group);
    if (write_file("/proc/self/setgroups", "deny") < 0 || write_file("/proc/self/uid_map", users) < 0) return -1;
    return write_file("/proc/self/gid_map", groups);
}

/* A caller that may not set it, such as one in a guest itself, leaves its own. */
static int limit_locks(uint64_t count) {
    struct rlimit limit = {.rlim_cur = count, .rlim_max = count};
    return count == 0 || setrlimit(RLIMIT_LOCKS, &limit) == 0 || errno == EPERM ? 0 : -1;
}

static int become_program(void *argument) {
    struct spawn *spawn = argument;
    int is_ready = limit_locks(spawn->request->file_locks) == 0 && map_users(spawn) == 0;
    int program = is_ready ? place_descriptors(spawn->request) : -1;
    if (program >= 0 && setsid() >= 0) {
        reset_signals();
        syscall(SYS_execveat, program, "", spawn->request->arguments, spawn->request->environment, AT_EMPTY_PATH);
    }
    spawn->code = errno;
    _exit(127);
}

static int clone_child(struct spawn *spawn, int *pidfd) {
    size_t bytes = 64 << 10;
    char *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return -errno;
    int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    unsigned namespaces = spawn->request->namespaces;
    if (namespaces & BERTH_NEW_PROCESSES) flags |= CLONE_NEWPID;
    if (namespaces & BERTH_NEW_NETWORK) flags |= CLONE_NEWNET;
    if (namespaces & BERTH_NEW_USERS) flags |= CLONE_NEWUSER | CLONE_NEWIPC;
    int pid = answer(clone(become_program, stack + bytes, flags, spawn, pidfd));
    munmap(stack, bytes);
    return pid;
}

int berth_spawn(const berth_spawn_request *request, int *pidfd) {
    if (request->descriptor_count < 0 || request->descriptor_count > SPAWN_DESCRIPTORS) return -EINVAL;
    struct spawn spawn = {.request = request, .user = geteuid(), .group = getegid()};
    sigset_t all, before;
    sigfillset(&all); /* no handler of ours may run in the child */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int pid = clone_child(&spawn, pidfd);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid < 0 || spawn.code == 0) return pid;
    waitpid(pid, NULL, __WALL);
    close(*pidfd);
    return -spawn.code;
}

int berth_program_open(const char *path) { return answer(open(path, O_PATH | O_CLOEXEC)); }
int berth_pidfd_open(int pid) { return answer((int)syscall(SYS_pidfd_open, pid, 0)); }
int berth_pidfd_signal(int pidfd, int signal) {
    return answer((int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

static uint64_t microseconds(struct timeval time) { return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec; }

int berth_reap(int pidfd, berth_exit *out) {
    siginfo_t info = {0};
    struct rusage usage = {0};
    /* The library's waitid leaves out what the kernel says of its use. */
    if (syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | WNOHANG, &usage) < 0) return -errno;
    if (info.si_pid == 0) return 0;
    int by_signal = info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED;
    *out = (berth_exit){.signal = by_signal ? info.si_status : 0, .status = by_signal ? 0 : info.si_status};
    out->dumped = info.si_code == CLD_DUMPED;
    out->peak_kib = (uint32_t)usage.ru_maxrss;
    out->cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
    return 1;
}

int berth_adopt_orphans(int does) { return answer(prctl(PR_SET_CHILD_SUBREAPER, (long)does, 0L, 0L, 0L)); }

int berth_landlock_abi(void) {
    long abi = syscall(444 /* landlock_create_ruleset */, NULL, (size_t)0, 1u /* VERSION */);
    return abi > 0 ? (int)abi : 0;
}

int berth_has_mdwe(void) {
    return prctl(66 /* PR_GET_MDWE */, 0L, 0L, 0L, 0L) >= 0;
}

int berth_file_system(const char *path, int64_t *type) {
    struct statfs facts;
    if (statfs(path, &facts) != 0) return -errno;
    *type = (int64_t)facts.f_type;
    return (facts.f_flags & 8 /* ST_NOEXEC */) != 0;
}

int berth_is_delegated(const char *folder) {
    /* By systemd; the second one only root can set and see. */
    static const char *const marks[] = {"user.delegate", "trusted.delegate"};
    for (int i = 0; i < 2; i++) {
        char value[8];
        if (getxattr(folder, marks[i], value, sizeof value) > 0 && value[0] == '1') return 1;
    }
    return 0;
}
