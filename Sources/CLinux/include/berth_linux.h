/* berth_linux.h - what Swift's Glibc module lacks: epoll, timers, events, file watches, sealed memory, process
 * descriptors and a spawn that fits our guests.
 *
 * Every function that can fail returns a negative errno then; none sets errno for its caller to read. All descriptors
 * are made close-on-exec and belong to the caller. All functions may be called from any thread.
 */
#ifndef BERTH_LINUX_H
#define BERTH_LINUX_H

#include <stddef.h>
#include <stdint.h>

/* ---- epoll ------------------------------------------------------------------------------------------------------ */

#define BERTH_EPOLL_IN 0x001u
#define BERTH_EPOLL_OUT 0x004u
#define BERTH_EPOLL_ERROR 0x008u
#define BERTH_EPOLL_HANGUP 0x010u
#define BERTH_EPOLL_ONCE 0x40000000u /* tell once, until berth_epoll_change asks for it again */

typedef struct berth_epoll_event {
    uint64_t token; /* as given to berth_epoll_add */
    uint32_t events;
    uint32_t zero;
} berth_epoll_event;

int berth_epoll_create(void);
int berth_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int berth_epoll_change(int epoll, int descriptor, uint32_t events, uint64_t token);
int berth_epoll_remove(int epoll, int descriptor);
/* Number of events, 0 at the timeout or an interruption. `timeout_ns` < 0 waits without end. Capacity at most 256. */
int berth_epoll_wait(int epoll, berth_epoll_event *events, int capacity, int64_t timeout_ns);

/* ---- events and timers ------------------------------------------------------------------------------------------ */

/* A nonblocking eventfd. */
int berth_event_create(void);
void berth_event_signal(int event);
void berth_event_clear(int event);

/* A nonblocking timerfd on CLOCK_REALTIME. */
int berth_timer_create_wall(void);
/* Arms for an absolute time of the timer's clock in nanoseconds (past ones fire at once); INT64_MAX disarms expiry.
 * A wall timer is also readable when the clock is set, disarmed or not. */
int berth_timer_arm(int timer, int is_wall, int64_t at_ns);
/* Expirations since the last call, 0 when there was none, -ECANCELED when the wall clock was set. */
int64_t berth_timer_read(int timer);

/* ---- file watches ----------------------------------------------------------------------------------------------- */

#define BERTH_WATCH_MODIFIED 0x00000002u
#define BERTH_WATCH_ATTRIBUTES 0x00000004u
#define BERTH_WATCH_CLOSED_WRITE 0x00000008u
#define BERTH_WATCH_MOVED_FROM 0x00000040u
#define BERTH_WATCH_MOVED_TO 0x00000080u
#define BERTH_WATCH_CREATED 0x00000100u
#define BERTH_WATCH_DELETED 0x00000200u
#define BERTH_WATCH_SELF_DELETED 0x00000400u
#define BERTH_WATCH_SELF_MOVED 0x00000800u
#define BERTH_WATCH_UNMOUNTED 0x00002000u
/* Events were lost: look at everything again. */
#define BERTH_WATCH_OVERFLOW 0x00004000u
/* The watch is gone. */
#define BERTH_WATCH_IGNORED 0x00008000u
#define BERTH_WATCH_ONLY_FOLDER 0x01000000u
#define BERTH_WATCH_IS_FOLDER 0x40000000u

typedef struct berth_watch_event {
    int32_t watch; /* -1 in an overflow */
    uint32_t mask;
    uint32_t cookie; /* joins MOVED_FROM and MOVED_TO */
    uint32_t name_length;
    const char *name; /* within the buffer; no name: length 0 */
} berth_watch_event;

/* A nonblocking inotify descriptor. */
int berth_watch_create(void);
/* The watch's number. Watching a path again replaces its mask. */
int berth_watch_add(int inotify, const char *path, uint32_t mask);
int berth_watch_remove(int inotify, int watch);
/* Bytes read into `buffer` (make it 4 KiB or more, aligned to 8), 0 when there is nothing. */
long berth_watch_read(int inotify, void *buffer, size_t capacity);
/* Takes the record at `offset` of `length` bytes that were read. The offset of the next one, or 0 when there is none
 * at `offset`. */
size_t berth_watch_next(const void *buffer, size_t length, size_t offset, berth_watch_event *out);

/* ---- memory, threads ------------------------------------------------------------------------------------------- */

/* A memfd of `bytes` zeros whose size can never change. */
int berth_memory_create(const char *name, size_t bytes);
/* Maps all of a shared memory for reading and writing; NULL when it cannot be mapped. */
void *berth_memory_map(int memory, size_t bytes);
/* Stores a word that another process reads while we write. */
void berth_store_word(uint64_t *word, uint64_t value);
/* At most 15 bytes of `name` are used. */
void berth_name_thread(const char *name);

/* ---- sockets ---------------------------------------------------------------------------------------------------- */

/* A pair of stream sockets; `ours` is nonblocking. Buffers are asked to be `buffer_bytes` large. */
int berth_socket_pair(int *ours, int *theirs, int buffer_bytes);
/* A pipe whose reading end is nonblocking. */
int berth_pipe(int *reading, int *writing);
/* Bytes sent without waiting and without SIGPIPE; -EAGAIN when none fit. */
long berth_send(int socket, const void *bytes, size_t length);
/* Bytes read, 0 at the end, -EAGAIN when there is nothing yet. Goes on after interruptions. */
long berth_read(int descriptor, void *buffer, size_t capacity);
#define BERTH_DESCRIPTORS_AT_ONCE 253 /* the kernel's most in one message */
/* The same from a stream socket without waiting, with the descriptors that came along, whose number goes to `count`:
 * they are the caller's. -1 stands for those that this process had no room for, and that the kernel closed. */
long berth_receive(int socket, void *buffer, size_t capacity, int descriptors[BERTH_DESCRIPTORS_AT_ONCE], int *count);
/* Lets whoever sends descriptors to this socket from now on fail with EPERM, where the kernel can (Linux 6.16): 0, or
 * a negative errno. Those that are on their way still arrive. */
int berth_refuse_descriptors(int socket);
/* Lets the close of a socket that lingers wait for nothing; nothing for what is none. */
void berth_stop_lingering(int descriptor);
/* Bytes that wait to be read from a pipe or socket. */
long berth_readable(int descriptor);

/* ---- processes -------------------------------------------------------------------------------------------------- */

#define BERTH_NEW_PROCESSES 1u /* the program becomes the first of a new pid namespace, which dies with it */
#define BERTH_NEW_NETWORK 2u   /* one without connections */
#define BERTH_NEW_USERS 4u     /* only the caller's own user and group are known there; with its own message queues */

typedef struct berth_spawn_request {
    int program;            /* of the program file, opened with O_PATH */
    int folder;             /* of the working folder, or -1 */
    const int *descriptors; /* become 0, 1, 2 …; everything else is closed by the exec */
    int descriptor_count;   /* at most 8 */
    unsigned namespaces;    /* BERTH_NEW_… */
    uint64_t file_locks;    /* RLIMIT_LOCKS, or 0 for the caller's; not above it */
    char *const *arguments;
    char *const *environment;
} berth_spawn_request;

/* Starts the program in a session of its own with signals reset, and returns when its exec has succeeded: the process
 * id, with a process descriptor in `*pidfd`. A negative errno when it did not come to that; nothing is left then. */
int berth_spawn(const berth_spawn_request *request, int *pidfd);

typedef struct berth_exit {
    int32_t signal; /* that ended the process, or 0 */
    int32_t status; /* given to exit, when signal is 0 */
    int32_t dumped;
    uint32_t peak_kib; /* resident memory at its highest */
    uint64_t cpu_us;   /* of all its threads, and of the programs it waited for */
} berth_exit;

/* Opens a program file for berth_spawn alone. */
int berth_program_open(const char *path);
int berth_pidfd_open(int pid);
int berth_pidfd_signal(int pidfd, int signal);
/* 1 when the child has ended and is now reaped, 0 when it still runs. */
int berth_reap(int pidfd, berth_exit *out);

/* ---- calls that a filter refuses -------------------------------------------------------------------------------- */

typedef struct berth_refusal {
    uint64_t token;
    int32_t process; /* thread that called, as the caller of berth_refusal_take sees it */
    int32_t number;
    uint32_t architecture; /* AUDIT_ARCH_… */
    uint32_t zero;
    uint64_t arguments[6];
} berth_refusal;

/* Takes the next call that waits at a filter's listener: 1, 0 when there is none, a negative errno when nobody is left
 * behind it. Only one thread may take from a listener. */
int berth_refusal_take(int listener, berth_refusal *out);
/* Lets that call fail with the errno `code`, or be made when it is 0. */
void berth_refusal_answer(int listener, uint64_t token, int code);
/* Bytes read from another process's memory; fewer where it ends. */
long berth_read_memory(int process, uint64_t address, void *buffer, size_t capacity);

/* From now on processes below this one that lose their parent become its children, or no more: 1, 0. */
int berth_adopt_orphans(int does);

/* What this kernel can do for guests: the Landlock ABI, 0 when there is none; and 1 when it can refuse memory that is
 * writable and executable. Asks only. */
int berth_landlock_abi(void);
int berth_has_mdwe(void);

/* 1 when the file system of a path is mounted noexec, 0 when not; its magic number of statfs(2) in `*type`. A negative
 * errno on failure. */
int berth_file_system(const char *path, int64_t *type);

/* 1 when a control group is marked as handed to somebody, with all below it, else 0. */
int berth_is_delegated(const char *folder);

#endif
