/* What a plugin could try in order to get out of its sandbox. Each component tries one thing: it succeeds when it got out,
 * and fails for good with the system's words when it was kept in. "every" tries all and emits "name code" lines, code 0 for
 * each that got out. The params say where to: {"pid": 12, "port": 80, "socket": "…", "read": "…", "write": "…"}. */
#define _GNU_SOURCE
#include "berth_plugin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef PLUGIN_ID
#define PLUGIN_ID "escapes"
#endif
/* What the components say they need. */
#ifndef FLAGS
#define FLAGS 0
#endif

static const berth_host *host;

/* ---- where to ---------------------------------------------------------------------------------------------------- */

static char where[16384];

static const char *text(const char *key) {
    static char value[4096];
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", key);
    char *at = strstr(where, quoted);
    value[0] = 0;
    if (!at) return value;
    at += strlen(quoted);
    at += strspn(at, ": ");
    if (*at == '"') sscanf(at + 1, "%4095[^\"]", value);
    else sscanf(at, "%4095[0-9]", value);
    return value;
}
static long number(const char *key) { return atol(text(key)); }
static pid_t host_pid(void) { return (pid_t)number("pid"); }

/* The system's answer to a call: 0 when it was made. */
#define TRY(call) ((call) < 0 ? errno : 0)

static int opened(const char *path, int flags) {
    int file = open(path, flags | O_CLOEXEC);
    if (file < 0) return errno;
    close(file);
    return 0;
}

/* ---- processes --------------------------------------------------------------------------------------------------- */

static int trace_host(void) { return TRY(ptrace(PTRACE_SEIZE, host_pid(), 0, 0)); }
static int read_memory(void) {
    char here[8];
    struct iovec to = {here, 8}, from = {(void *)0x400000, 8};
    return TRY(process_vm_readv(host_pid(), &to, 1, &from, 1, 0));
}
static int open_memory(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)host_pid());
    return opened(path, O_RDWR);
}
static int kill_host(void) { return TRY(kill(host_pid(), 0)); }
static int kill_host_thread(void) { return TRY(syscall(SYS_tkill, host_pid(), 0)); }
static int kill_all(void) { return TRY(kill(-1, 0)); }
static int signal_by_descriptor(void) {
    int pidfd = (int)syscall(SYS_pidfd_open, host_pid(), 0);
    return pidfd < 0 ? errno : TRY(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
}
static int signal_by_owner(void) { return TRY(fcntl(0, F_SETOWN, host_pid())); }
static int raise_priority(void) { return TRY(setpriority(PRIO_PROCESS, 0, -5)); }
static int slow_host(void) { return TRY(setpriority(PRIO_PROCESS, (id_t)host_pid(), 19)); }
static int slow_everybody(void) { return TRY(setpriority(PRIO_USER, 0, 19)); }
static int real_time(void) {
    struct sched_param one = {.sched_priority = 1};
    return TRY(sched_setscheduler(0, SCHED_FIFO, &one));
}
static int pin_host(void) {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    return TRY(sched_setaffinity(host_pid(), sizeof first, &first));
}
static int limit_host(void) {
    struct rlimit none;
    return TRY(prlimit(host_pid(), RLIMIT_CPU, NULL, &none));
}
static int lose_mark(void) {
    struct rlimit none = {0, 0};
    return TRY(setrlimit(RLIMIT_LOCKS, &none));
}
static int forks(void) {
    pid_t child = fork();
    if (child < 0) return errno;
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    return 0;
}
static int spawns(void) {
    char *words[] = {"true", NULL};
    pid_t child;
    int code = posix_spawn(&child, "/bin/true", NULL, NULL, words, words + 1);
    if (code) return code;
    int status;
    waitpid(child, &status, 0);
    return status == 0 ? 0 : EPERM;
}
static int runs_program(void) {
    char *words[] = {"true", NULL};
    execve("/bin/true", words, words + 1);
    return errno;
}
static int clone_users(void) {
    long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child < 0) return errno;
    if (child == 0) _exit(0);
    return 0;
}
/* A child of the host's, in nobody's count. */
static int child_of_the_host(void) {
    long child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (child < 0) return errno;
    if (child == 0) _exit(0);
    return 0;
}
/* Its descriptor comes with the connection to it. */
static int signal_by_connection(void) {
    int pidfd = -1;
    socklen_t length = sizeof pidfd;
    getsockopt(3, SOL_SOCKET, 77 /* SO_PEERPIDFD */, &pidfd, &length);
    return TRY(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
}
static int give_orphans_away(void) { return TRY(prctl(PR_SET_CHILD_SUBREAPER, 0)); }
static int show_memory(void) { return TRY(prctl(PR_SET_DUMPABLE, 1)); }
static int outlive_host(void) { return TRY(prctl(PR_SET_PDEATHSIG, 0)); }

/* ---- privileges -------------------------------------------------------------------------------------------------- */

static int set_user(void) { return TRY(setuid(getuid())); }
static int set_users(void) { return TRY(syscall(SYS_setresuid, 0, 0, 0)); }
static int set_group(void) { return TRY(syscall(SYS_setgid, getgid())); }
static int set_groups(void) { return TRY(syscall(SYS_setgroups, 0, NULL)); }
static int set_capabilities(void) {
    struct {
        unsigned version;
        int pid;
    } header = {0x20080522, 0};
    unsigned sets[6] = {0};
    if (syscall(SYS_capget, &header, sets) < 0) return errno;
    return TRY(syscall(SYS_capset, &header, sets));
}
static int new_users(void) { return TRY(unshare(CLONE_NEWUSER)); }
static int new_mounts(void) { return TRY(unshare(CLONE_NEWNS)); }
static int mounts(void) { return TRY(mount("none", "/tmp", "tmpfs", 0, NULL)); }
static int changes_root(void) { return TRY(chroot("/")); }

/* ---- the kernel's wide doors -------------------------------------------------------------------------------------- */

static int keys(void) { return TRY(syscall(SYS_keyctl, 0, -3, 0, 0, 0)); }
/* Calls that would complain about what they are given, were they let through. */
static int refused(int code) { return code == EPERM || code == ENOSYS ? code : 0; }
static int programs_kernel(void) { return refused(TRY(syscall(SYS_bpf, 0, NULL, 0))); }
static int measures(void) {
    char attributes[128] = {0};
    return refused(TRY(syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0)));
}
static int rings(void) {
    char parameters[256] = {0};
    return TRY(syscall(425 /* io_uring_setup */, 1, parameters));
}
static int faults(void) { return TRY(syscall(SYS_userfaultfd, 1)); }
static int modules(void) { return refused(TRY(syscall(SYS_delete_module, "none", 0))); }
static int changes_personality(void) { return TRY(personality(READ_IMPLIES_EXEC)); }
static int shares_memory(void) {
    int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    return memory < 0 ? errno : TRY(shmctl(memory, IPC_RMID, NULL));
}
static int opens_handle(void) {
    struct file_handle handle = {.handle_bytes = 0};
    int mount_id;
    int code = TRY(name_to_handle_at(AT_FDCWD, "/", &handle, &mount_id, 0));
    return code == EOVERFLOW ? 0 : code;
}

static int write_execute(void) {
    void *place = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return place == MAP_FAILED ? errno : 0;
}
static int makes_executable(void) {
    void *place = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) return 0;
    return TRY(mprotect(place, 4096, PROT_READ | PROT_EXEC));
}

/* ---- sockets ------------------------------------------------------------------------------------------------------ */

static struct sockaddr_un host_address(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, text("socket"), sizeof address.sun_path - 1);
    return address;
}
static int connect_unix(int socket) {
    struct sockaddr_un address = host_address();
    if (socket < 0) return errno;
    return TRY(connect(socket, (struct sockaddr *)&address, sizeof address));
}
static int host_socket(void) { return connect_unix(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int pair_elsewhere(void) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0) return errno;
    return connect_unix(pair[0]);
}
static int pair_of_another_family(void) {
    int pair[2];
    int code = TRY(socketpair(AF_INET, SOCK_STREAM, 0, pair));
    return code == EOPNOTSUPP ? 0 : code;
}
static int stream_elsewhere(void) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) return errno;
    return connect_unix(pair[0]);
}
static int own_socket_elsewhere(void) { return connect_unix(3); }
static int connect_tcp(int socket) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number("port"))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket < 0) return errno;
    return TRY(connect(socket, (struct sockaddr *)&address, sizeof address));
}
static int host_port(void) { return connect_tcp(socket(AF_INET, SOCK_STREAM, 0)); }
static int datagram(void) { return connect_tcp(socket(AF_INET, SOCK_DGRAM, 0)); }
/* For a run, as the host's clients do, with what it can read for a token. */
static int asks_port(void) {
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    int code = connect_tcp(connection);
    if (code) return code;
    char token[128] = "none", words[512], answer[16] = {0};
    int file = open(text("read"), O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, token, sizeof token - 1) > 0) token[strcspn(token, "\n")] = 0;
    static const char run[] = "{\"component\":\"forged/run\"}";
    int size = snprintf(words, sizeof words,
                        "POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                        "Content-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                        token, (int)sizeof run - 1, run);
    if (write(connection, words, (size_t)size) != size) return errno;
    if (recv(connection, answer, 12, MSG_WAITALL) != 12) return EPROTO;
    close(connection);
    return strcmp(answer, "HTTP/1.1 401") == 0 ? EACCES : 0;
}
static int raw_socket(void) { return TRY(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); }
static int packet_socket(void) { return TRY(socket(AF_PACKET, SOCK_RAW, 0)); }
static int kernel_socket(void) { return TRY(socket(AF_NETLINK, SOCK_RAW, 15 /* events of the kernel */)); }

/* ---- the filter itself -------------------------------------------------------------------------------------------- */

/* Whoever had a listener could answer that a refused call goes through. */
static int listener(void) {
    struct sock_filter ask = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    struct sock_fprog program = {.len = 1, .filter = &ask};
    int descriptor = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (descriptor < 0) return errno;
    close(descriptor);
    return 0;
}
/* The host has stopped listening by then. */
static int late_listener(void) {
    for (int asked = 0; asked < 1500; asked++) syscall(SYS_keyctl, 0, 0, 0, 0, 0);
    return listener();
}
/* Of a listener the kernel says that there is no such call, of anything else that it has no such command. */
static int inherited_listener(void) {
    uint64_t call = 1;
    for (int descriptor = 0; descriptor < 4096; descriptor++) {
        if (ioctl(descriptor, SECCOMP_IOCTL_NOTIF_ID_VALID, &call) == 0 || errno == ENOENT) return 0;
    }
    return EPERM;
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

static int reads_file(void) { return opened(text("read"), O_RDONLY); }
static int writes_file(void) { return opened(text("write"), O_WRONLY); }
static int cuts_file(void) { return TRY(truncate(text("write"), 0)); }
static int cuts_by_reading(void) { return opened(text("write"), O_RDONLY | O_TRUNC); }
static int cuts_library(void) { return opened(text("library"), O_RDONLY | O_TRUNC); }
static int writes_library(void) { return opened(text("library"), O_WRONLY); }
static int library_mode(void) {
    int file = open(text("library"), O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    int code = TRY(fchmod(file, 0));
    close(file);
    return code;
}
static int library_times(void) {
    int file = open(text("library"), O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    int code = TRY(futimens(file, times));
    close(file);
    return code;
}
static int library_flags(void) {
    int file = open(text("library"), O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    long flags = FS_NOATIME_FL;
    int code = TRY(ioctl(file, FS_IOC_SETFLAGS, &flags));
    close(file);
    return code;
}
/* Whoever opens a file that somebody has a lease on waits for its holder. */
static int holds_library(void) {
    int file = open(text("library"), O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    int code = TRY(fcntl(file, F_SETLEASE, F_RDLCK));
    close(file);
    return code;
}
/* Of these there are few, for all of a user or of the machine. */
static int watches_files(void) { return TRY(inotify_init1(IN_CLOEXEC)); }
static int queues_files(void) {
    unsigned long queue = 0;
    return TRY(syscall(SYS_io_setup, 1, &queue));
}
static int has_large_pipe(void) {
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0) return errno;
    int code = TRY(fcntl(pair[0], F_SETPIPE_SZ, 1 << 20));
    close(pair[0]);
    close(pair[1]);
    return code;
}
/* Held to no limit, unless a process has it mapped. */
static int makes_memory_file(void) {
    int file = (int)syscall(SYS_memfd_create, "kept", 1u /* MFD_CLOEXEC */);
    if (file < 0) return errno;
    close(file);
    return 0;
}
static int makes_rules(void) {
    uint64_t files = 1;
    return TRY(syscall(444 /* landlock_create_ruleset */, &files, sizeof files, 0));
}
static int removes_file(void) { return TRY(unlink(text("write"))); }
static int renames_file(void) { return TRY(rename(text("write"), "mine")); }
static int makes_file(void) {
    char path[4200];
    snprintf(path, sizeof path, "%s.more", text("write"));
    return opened(path, O_WRONLY | O_CREAT);
}
static int changes_mode(void) { return TRY(chmod(text("write"), 0777)); }
static int changes_mode_2(void) { return TRY(syscall(452 /* fchmodat2 */, AT_FDCWD, text("write"), 0777, 0)); }
static int changes_owner(void) { return TRY(chown(text("write"), getuid(), getgid())); }
static int changes_attribute(void) { return TRY(setxattr(text("write"), "user.a", "b", 1, 0)); }
static int changes_times(void) { return TRY(utimensat(AT_FDCWD, text("write"), NULL, 0)); }

/* ---- the table ---------------------------------------------------------------------------------------------------- */

#define ATTEMPTS(ROW)                                                                                                  \
    ROW(trace_host, "trace-host") ROW(read_memory, "read-memory") ROW(open_memory, "open-memory")                      \
    ROW(kill_host, "kill-host") ROW(kill_host_thread, "kill-host-thread") ROW(kill_all, "kill-all")                    \
    ROW(signal_by_descriptor, "signal-by-descriptor") ROW(signal_by_owner, "signal-by-owner")                          \
    ROW(raise_priority, "raise-priority") ROW(slow_host, "slow-host") ROW(slow_everybody, "slow-everybody")            \
    ROW(real_time, "real-time") ROW(pin_host, "pin-host") ROW(limit_host, "limit-host") ROW(forks, "fork")             \
    ROW(lose_mark, "lose-mark")                                                                                        \
    ROW(spawns, "spawn") ROW(runs_program, "run-program") ROW(clone_users, "clone-users")                              \
    ROW(show_memory, "show-memory") ROW(outlive_host, "outlive-host") ROW(set_user, "set-user")                        \
    ROW(set_users, "set-users") ROW(set_group, "set-group") ROW(set_groups, "set-groups")                              \
    ROW(set_capabilities, "set-capabilities") ROW(new_users, "new-users") ROW(new_mounts, "new-mounts")                \
    ROW(mounts, "mount") ROW(changes_root, "change-root") ROW(keys, "keys") ROW(programs_kernel, "program-kernel")     \
    ROW(measures, "measure") ROW(rings, "ring") ROW(faults, "fault") ROW(modules, "modules")                           \
    ROW(changes_personality, "personality") ROW(shares_memory, "share-memory") ROW(opens_handle, "open-handle")        \
    ROW(write_execute, "write-execute") ROW(makes_executable, "make-executable") ROW(host_socket, "host-socket")       \
    ROW(pair_elsewhere, "pair-elsewhere") ROW(stream_elsewhere, "stream-elsewhere")                                    \
    ROW(own_socket_elsewhere, "own-socket-elsewhere") ROW(host_port, "host-port") ROW(datagram, "datagram")            \
    ROW(asks_port, "ask-port")                                                                                         \
    ROW(raw_socket, "raw-socket") ROW(packet_socket, "packet-socket") ROW(kernel_socket, "kernel-socket")              \
    ROW(listener, "listener") ROW(late_listener, "late-listener") ROW(inherited_listener, "inherited-listener")        \
    ROW(reads_file, "read-file") ROW(writes_file, "write-file") ROW(cuts_file, "cut-file")                             \
    ROW(cuts_by_reading, "cut-by-reading") ROW(cuts_library, "cut-library") ROW(writes_library, "write-library")       \
    ROW(library_mode, "library-mode") ROW(removes_file, "remove-file") ROW(renames_file, "rename-file")                \
    ROW(makes_file, "make-file") ROW(changes_mode, "change-mode") ROW(changes_mode_2, "change-mode-2")                 \
    ROW(changes_owner, "change-owner") ROW(changes_attribute, "change-attribute") ROW(changes_times, "change-times")   \
    ROW(pair_of_another_family, "pair-of-another-family") ROW(library_times, "library-times")                          \
    ROW(library_flags, "library-flags") ROW(child_of_the_host, "child-of-the-host")                                    \
    ROW(signal_by_connection, "signal-by-connection") ROW(give_orphans_away, "give-orphans-away")                           \
    ROW(holds_library, "hold-library") ROW(watches_files, "watch-files") ROW(queues_files, "queue-files")              \
    ROW(makes_rules, "make-rules") ROW(makes_memory_file, "memory-file") ROW(has_large_pipe, "large-pipe")

static void go_there(const void *params, size_t length) {
    if (length >= sizeof where) length = sizeof where - 1;
    memcpy(where, params, length);
    where[length] = 0;
}

static berth_status kept_in(berth_context *context, int code) {
    const char *words = strerror(code);
    host->set_error(context, BERTH_FAIL, 0, words, strlen(words));
    return BERTH_FAIL;
}

#define ONE(function, name)                                                                                            \
    static berth_status run_##function(berth_context *context, const void *params, size_t length) {                    \
        go_there(params, length);                                                                                      \
        int code = function();                                                                                         \
        return code ? kept_in(context, code) : BERTH_OK;                                                               \
    }
ATTEMPTS(ONE)

static berth_status run_every(berth_context *context, const void *params, size_t length) {
    char line[128];
    go_there(params, length);
#define EACH(function, name)                                                                                           \
    host->emit(context, line, (size_t)snprintf(line, sizeof line, "%s %d\n", name, function()), 0);
    ATTEMPTS(EACH)
    return BERTH_OK;
}

#if defined(__x86_64__)
/* A call by the door of 32-bit programs, whose numbers mean other calls. */
static berth_status run_old_door(berth_context *context, const void *params, size_t length) {
    (void)context, (void)params, (void)length;
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    return result > 0 ? BERTH_OK : BERTH_FAIL;
}
#endif

#define COMPONENT(function, name)                                                                                      \
    {.struct_size = sizeof(berth_component),                                                                           \
     .kind = BERTH_KIND_HANDLER,                                                                                       \
     .id = name,                                                                                                       \
     .flags = FLAGS,                                                                                                   \
     .vtable = &(const berth_handler){.struct_size = sizeof(berth_handler), .execute = run_##function}},

static const berth_component components[] = {
    ATTEMPTS(COMPONENT) COMPONENT(every, "every")
#if defined(__x86_64__)
        COMPONENT(old_door, "old-door")
#endif
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = PLUGIN_ID;
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
