/* A plugin that does what a plugin must not: each component one attack or fault. docs/hostile.md says what becomes of
 * each; Tests/TestSupport/HostileCase.swift is the same list for tests. */
#define _GNU_SOURCE
#include "berth_plugin.h"
#include "forged_frames.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static const berth_host *host;

#define HANDLER(name) static berth_status name(berth_context *context, const void *params, size_t length)
#define UNUSED (void)context, (void)params, (void)length
#define MIB ((size_t)1 << 20)

static void wait_for_ever(void) {
    for (;;) poll(NULL, 0, -1);
}

static pthread_t start(void *(*body)(void *), void *argument, size_t stack) {
    pthread_t thread = 0;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack);
    if (pthread_create(&thread, &attributes, body, argument) != 0) thread = 0;
    pthread_attr_destroy(&attributes);
    return thread;
}

/* ---- taking too much -------------------------------------------------------------------------------------------- */

/* Keeps what it has: the kernel refused it more before the host looked. */
static void hold(void) {
    for (;;) pause();
}

HANDLER(memory_hog) {
    UNUSED;
    for (;;) {
        char *chunk = malloc(MIB);
        if (!chunk) hold();
        memset(chunk, 0xA5, MIB);
    }
}

/* In files that no process has mapped, where nobody would see it. */
HANDLER(memory_file_hog) {
    (void)params, (void)length;
    static char block[1 << 20];
    memset(block, 0xA5, sizeof block);
    int file = memfd_create("hog", 0);
    if (file < 0) {
        const char *words = strerror(errno);
        host->set_error(context, BERTH_FAIL, 0, words, strlen(words));
        return BERTH_FAIL;
    }
    for (int block_number = 0; block_number < 200; block_number++) (void)!write(file, block, sizeof block);
    return BERTH_OK;
}

/* Ends when the kernel refuses it more, which is what most programs do. */
HANDLER(memory_hog_that_aborts) {
    (void)params, (void)length;
    host->log(context, BERTH_LOG_INFO, "taking", 6, NULL, 0);
    for (;;) {
        char *chunk = malloc(MIB);
        if (!chunk) abort();
        memset(chunk, 0xA5, MIB);
    }
}

/* Memory that RLIMIT_DATA does not count. */
HANDLER(shared_memory_hog) {
    UNUSED;
    for (;;) {
        char *chunk = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (chunk == MAP_FAILED) hold();
        memset(chunk, 0xA5, MIB);
    }
}

/* Nothing but the tables of its pages, which are no pages of its own: one for each 2 MiB that it reads. A bounded amount. */
HANDLER(table_hog) {
    UNUSED;
    size_t size = (size_t)1 << 38;
    volatile char *space = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) return BERTH_FAIL;
    madvise((void *)space, size, MADV_NOHUGEPAGE);
    for (size_t place = 0; place < size; place += 2 * MIB) (void)space[place];
    hold();
    return BERTH_OK;
}

/* Sends one descriptor, `count` times, with some bytes. */
static ssize_t send_descriptor(int socket, const void *bytes, size_t length, int descriptor, int count) {
    union {
        char bytes[CMSG_SPACE(250 * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    size_t size = (size_t)count * sizeof(int);
    struct iovec part = {(void *)bytes, length};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(size);
    for (int i = 0; i < count; i++) memcpy(CMSG_DATA(head) + (size_t)i * sizeof(int), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Sends descriptors to itself and takes none: the kernel counts those on their way for all processes of a user. */
HANDLER(descriptors_on_their_way) {
    UNUSED;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return BERTH_FAIL;
    while (send_descriptor(pair[0], "x", 1, 0, 250) > 0) continue;
    return errno == ETOOMANYREFS ? BERTH_OK : BERTH_FAIL;
}

/* Filled, and then mapped by nobody any more: what is shared stays. A bounded amount, for machines where nobody counts it. */
HANDLER(dropped_memory_hog) {
    UNUSED;
    for (int chunk_number = 0; chunk_number < 40; chunk_number++) {
        char *chunk = mmap(NULL, 10 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (chunk == MAP_FAILED) return BERTH_FAIL;
        for (size_t start = 0; start < 10 * MIB; start += MIB) {
            memset(chunk + start, 0xA5, MIB);
            madvise(chunk + start, MIB, MADV_DONTNEED);
        }
    }
    return BERTH_OK;
}

/* Programs of which each holds little. What they say when one was ended is nothing. */
HANDLER(many_programs_memory_hog) {
    UNUSED;
    for (int number = 0; number < 10; number++) {
        if (fork() != 0) continue;
        char *chunk = mmap(NULL, 40 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (chunk != MAP_FAILED) memset(chunk, 0xA5, 40 * MIB);
        wait_for_ever();
    }
    poll(NULL, 0, 1000);
    return BERTH_OK;
}

static void *burn(void *unused) {
    for (volatile long turns = 0;; turns++) {}
    return unused;
}

HANDLER(processor_hog) {
    UNUSED;
    start(burn, NULL, 64 << 10);
    burn(NULL);
    return BERTH_OK;
}

/* Says at its limit that it was never begun, and ends its guest before anything else is said. */
HANDLER(processor_hog_that_never_began) {
    (void)params, (void)length;
    while (host->cancel_state(context) == BERTH_RUN_ON) continue;
    forge_end(1, BERTH_FAIL, 0);
    _exit(0);
}

HANDLER(program_processor_hog) {
    UNUSED;
    pid_t child = fork();
    if (child < 0) return BERTH_FAIL;
    if (child == 0) burn(NULL);
    /* Ends of the SIGTERM that is meant for both; then all is said to be well. */
    waitpid(child, NULL, 0);
    return BERTH_OK;
}

/* Programs that each use little, and whose time is nobody's once they have ended. */
HANDLER(program_relay) {
    UNUSED;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        pid_t child = fork();
        if (child < 0) return BERTH_FAIL;
        if (child == 0) {
            while (clock() < CLOCKS_PER_SEC / 20) {}
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
}

static int fill_a_file(void) {
    static char block[1 << 16];
    int file = open("large", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (file < 0) return 0;
    for (int block_number = 0; block_number < 64; block_number++) {
        if (write(file, block, sizeof block) < (ssize_t)sizeof block) return errno;
    }
    close(file);
    return 0;
}

HANDLER(file_hog) {
    UNUSED;
    /* One that ran in this guest before may have ignored it. */
    signal(SIGXFSZ, SIG_DFL);
    fill_a_file();
    return BERTH_OK;
}

HANDLER(file_hog_that_listens) {
    UNUSED;
    signal(SIGXFSZ, SIG_IGN);
    if (fill_a_file() != EFBIG) return BERTH_OK;
    host->set_error(context, BERTH_FAIL, 0, "the file became too large", 25);
    return BERTH_FAIL;
}

/* Says no more than the system does. */
HANDLER(file_hog_that_says_little) {
    UNUSED;
    signal(SIGXFSZ, SIG_IGN);
    int error = fill_a_file();
    errno = 0;
    host->set_error(context, BERTH_FAIL, 0, strerror(error), strlen(strerror(error)));
    return BERTH_FAIL;
}

HANDLER(large_allocation) {
    UNUSED;
    char *volatile place = malloc(600 * MIB);
    if (!place) return BERTH_FAIL;
    free(place);
    return BERTH_OK;
}

/* Takes all it can without touching it. */
HANDLER(address_hoarder) {
    UNUSED;
    while (mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {}
    return BERTH_FAIL;
}

HANDLER(descriptor_hoarder_that_tidies) {
    UNUSED;
    int count = 0, taken[256];
    while (count < 256 && (taken[count] = dup(1)) >= 0) count++;
    int error = errno;
    while (count > 0) close(taken[--count]);
    errno = error;
    return BERTH_FAIL;
}

HANDLER(descriptor_hoarder) {
    UNUSED;
    while (dup(1) >= 0) {}
    return errno == EMFILE ? BERTH_FAIL : BERTH_OK;
}

HANDLER(output_hog) {
    UNUSED;
    static char text[256];
    berth_status status;
    while ((status = host->emit(context, text, sizeof text, 0)) == BERTH_OK) {}
    return status;
}

static void *sleep_for_ever(void *unused) {
    wait_for_ever();
    return unused;
}

HANDLER(thread_bomb) {
    UNUSED;
    while (start(sleep_for_ever, NULL, 16 << 10)) {}
    wait_for_ever();
    return BERTH_OK;
}

/* As a plugin with the grant could: without it there is no first child. */
HANDLER(fork_bomb) {
    UNUSED;
    int children = 0;
    for (int round = 0; round < 64; round++) {
        pid_t child = fork();
        if (child == 0) wait_for_ever();
        if (child > 0) children++;
    }
    return children == 0 ? BERTH_FAIL : BERTH_OK;
}

/* Small frames, so that none steps over the guard page. */
static long dig(long depth) {
    volatile char frame[1 << 10];
    frame[depth % (long)sizeof frame] = (char)depth;
    return depth < 0 ? 0 : dig(depth + 1) + frame[0];
}

/* More programs than allowed, with the grant. A bounded number: this machine has other things to do. */
HANDLER(program_bomb) {
    UNUSED;
    for (int number = 0; number < 400; number++) {
        if (fork() == 0) wait_for_ever();
    }
    wait_for_ever();
    return BERTH_OK;
}

HANDLER(stack_hog) { UNUSED; return (berth_status)dig(1); }

static void *dig_in_a_thread(void *unused) {
    dig(1);
    return unused;
}

HANDLER(stack_hog_in_a_thread) {
    UNUSED;
    start(dig_in_a_thread, NULL, 256 << 10);
    wait_for_ever();
    return BERTH_OK;
}

HANDLER(folder_hog) {
    UNUSED;
    char name[64] = "d";
    const char *home = getenv("HOME");
    /* What an attempt before this one left there would be found. */
    if (!home || chdir(home) != 0 || access(name, F_OK) == 0) return BERTH_FAIL;
    for (int depth = 0; depth < 40 && mkdir(name, 0700) == 0 && chdir(name) == 0; depth++) {
        for (int number = 0; number < 20; number++) {
            snprintf(name, sizeof name, "f%d", number);
            int file = open(name, O_CREAT | O_WRONLY, 0600);
            if (file >= 0) close(file);
        }
        strcpy(name, "d");
    }
    return BERTH_OK;
}

/* Enough to pass any limit of a test, and not so much that it fills the machine that tests it. */
static void fill_folder(int keep) {
    static char block[MIB];
    memset(block, 'x', sizeof block);
    char name[64];
    for (int number = 0; number < 64; number++) {
        snprintf(name, sizeof name, "hog-%d", number);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        if (file < 0 || write(file, block, sizeof block) < 0) break;
        if (keep) close(file);
        else unlink(name);
    }
    wait_for_ever();
}

HANDLER(scratch_hog) { UNUSED; fill_folder(1); return BERTH_OK; }
HANDLER(nameless_scratch_hog) { UNUSED; fill_folder(0); return BERTH_OK; }

HANDLER(log_hog) {
    UNUSED;
    static char text[4096];
    memset(text, 'x', sizeof text);
    for (int line = 0; line < 200; line++) host->log(context, BERTH_LOG_INFO, text, sizeof text, NULL, 0);
    return BERTH_OK;
}

/* ---- dying ------------------------------------------------------------------------------------------------------ */

HANDLER(exit_zero) { UNUSED; exit(0); }
/* As if it had died of SIGTERM, which others send. */
HANDLER(exit_143) { UNUSED; exit(143); }
HANDLER(terminate_self) { UNUSED; raise(SIGTERM); wait_for_ever(); return BERTH_OK; }
HANDLER(kill_self) { UNUSED; raise(SIGKILL); return BERTH_OK; }
HANDLER(stop_self) { UNUSED; raise(SIGSTOP); return BERTH_OK; }

HANDLER(alarm_self) {
    UNUSED;
    struct itimerval soon = {.it_value = {.tv_usec = 1000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    wait_for_ever();
    return BERTH_OK;
}

HANDLER(free_twice) {
    UNUSED;
    char *volatile block = malloc(64);
    free(block);
    free(block);
    return BERTH_OK;
}

HANDLER(call_nothing) {
    UNUSED;
    void (*volatile nothing)(void) = NULL;
    nothing();
    return BERTH_OK;
}

static void crash_at_exit(void *value) {
    (void)value;
    *(volatile int *)8 = 1;
}

static void *end_with_a_destructor(void *key) {
    pthread_setspecific(*(pthread_key_t *)key, key);
    return NULL;
}

HANDLER(thread_exit_crash) {
    UNUSED;
    static pthread_key_t key;
    pthread_key_create(&key, crash_at_exit);
    pthread_t thread = start(end_with_a_destructor, &key, 64 << 10);
    if (thread) pthread_join(thread, NULL);
    return BERTH_OK;
}

HANDLER(leave_the_run_thread) { UNUSED; pthread_exit(NULL); }

/* ---- not ending ------------------------------------------------------------------------------------------------- */

static void look_away(int number) { (void)number; }

/* Takes every signal there is for itself, and a fault that comes back as often as it is handled. */
HANDLER(signal_thief) {
    UNUSED;
    for (int number = 1; number < 64; number++) signal(number, look_away);
    *(volatile int *)8 = 1;
    return BERTH_OK;
}

HANDLER(mask_everything) {
    UNUSED;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    wait_for_ever();
    return BERTH_OK;
}

static void never_return(void *unused, int32_t reason) {
    (void)unused, (void)reason;
    wait_for_ever();
}

HANDLER(stuck_in_a_callback) {
    UNUSED;
    host->on_cancel(context, never_return, NULL);
    wait_for_ever();
    return BERTH_OK;
}

HANDLER(silent) {
    UNUSED;
    wait_for_ever();
    return BERTH_OK;
}

/* ---- lying to the host ------------------------------------------------------------------------------------------ */


/* Declares the longest grace there is. */
HANDLER(long_grace) {
    UNUSED;
    wait_for_ever();
    return BERTH_OK;
}

/* Well made, and about an attempt that nobody runs. */
HANDLER(frame_forger) {
    UNUSED;
    struct {
        struct frame head;
        char output[8];
    } frame = {{.magic = 0x4742, .kind = 68, .length = 8, .call = 4711}, "forged!"};
    (void)!write(3, &frame, sizeof frame);
    wait_for_ever();
    return BERTH_OK;
}

/* Behind some text that is nobody's line yet, the end of the last attempt there could ever be. */
HANDLER(end_of_the_last_number) {
    UNUSED;
    (void)!write(1, "x", 1);
    poll(NULL, 0, 100);
    forge_done(UINT64_MAX);
    wait_for_ever();
    return BERTH_OK;
}

/* A connection to a port here, full of what nobody reads: its last close waits for minutes. */
static int lingering_socket(int port) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int made = socket(AF_INET, SOCK_STREAM, 0);
    if (made < 0 || connect(made, (struct sockaddr *)&place, sizeof place) != 0) return -1;
    static char block[1 << 16];
    while (send(made, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) continue;
    struct linger long_time = {1, 300};
    setsockopt(made, SOL_SOCKET, SO_LINGER, &long_time, sizeof long_time);
    return made;
}

/* Gives the host a descriptor to close, behind some output: a socket that lingers when its params are a port. */
HANDLER(descriptor_for_the_host) {
    char text[16] = "";
    if (length < sizeof text) memcpy(text, params, length);
    int port = atoi(text), given = port > 0 ? lingering_socket(port) : 0;
    static char output[1 << 10];
    for (int number = 0; number < 64; number++) host->emit(context, output, sizeof output, 0);
    struct frame head = {.magic = 0x4742, .kind = 68, .call = 1};
    if (given < 0 || send_descriptor(3, &head, sizeof head, given, 1) < 0) {
        const char *words = strerror(errno);
        host->set_error(context, BERTH_FAIL, 0, words, strlen(words));
        return BERTH_FAIL;
    }
    if (given > 0) close(given);
    wait_for_ever();
    return BERTH_OK;
}

HANDLER(frame_of_four_gigabytes) {
    UNUSED;
    struct frame head = {.magic = 0x4742, .kind = 68, .length = UINT32_MAX, .call = 1};
    (void)!write(3, &head, sizeof head);
    wait_for_ever();
    return BERTH_OK;
}

/* A frame that never ends keeps the host's decoder waiting, and everything said after it is its body. */
HANDLER(half_a_frame) {
    UNUSED;
    struct frame head = {.magic = 0x4742, .kind = 68, .length = 60000, .call = 1};
    (void)!write(3, &head, sizeof head);
    return BERTH_OK;
}

HANDLER(close_the_socket) {
    UNUSED;
    shutdown(3, 2);
    close(3);
    wait_for_ever();
    return BERTH_OK;
}

static berth_context *stale;

static void *emit_late(void *unused) {
    for (int turn = 0; turn < 2000; turn++) {
        host->emit(stale, "late", 4, 0);
        host->log(stale, BERTH_LOG_INFO, "late", 4, NULL, 0);
        host->heartbeat(stale);
        poll(NULL, 0, 1);
    }
    return unused;
}

HANDLER(emit_after_the_end) {
    UNUSED;
    stale = context;
    start(emit_late, NULL, 64 << 10);
    return BERTH_OK;
}

HANDLER(leave_threads) {
    UNUSED;
    for (int number = 0; number < 4; number++) start(sleep_for_ever, NULL, 64 << 10);
    return BERTH_OK;
}

static void *take_memory(void *unused) {
    poll(NULL, 0, 50);
    for (;;) {
        char *chunk = malloc(MIB);
        if (!chunk) hold();
        memset(chunk, 0xA5, MIB);
    }
    return unused;
}

HANDLER(memory_hog_after_the_end) {
    UNUSED;
    start(take_memory, NULL, 64 << 10);
    return BERTH_OK;
}

HANDLER(processor_hog_after_the_end) {
    UNUSED;
    start(burn, NULL, 64 << 10);
    return BERTH_OK;
}

/* Finds the page it shares with the host by what stands in it, and overwrites all of it. */
HANDLER(page_scribbler) {
    UNUSED;
    static const char mark[] = "here is the page that I share";
    static char copy[4096];
    host->breadcrumb(context, mark, sizeof mark - 1);
    int ends[2];
    if (pipe(ends) != 0) return BERTH_FAIL;
    uintptr_t here = (uintptr_t)&page_scribbler & ~(uintptr_t)4095;
    for (uintptr_t place = here - (256 << 20); place < here + (256 << 20); place += 4096) {
        unsigned char resident;
        if (mincore((void *)place, 4096, &resident) != 0 || write(ends[1], (void *)place, 4096) != 4096) continue;
        if (read(ends[0], copy, sizeof copy) != (ssize_t)sizeof copy) continue;
        /* Where the page has its breadcrumb; the text stands elsewhere too. */
        if (memcmp(copy + 56, mark, sizeof mark - 1) != 0) continue;
        memset((void *)place, 0xFF, 4096);
        host->log(context, BERTH_LOG_INFO, "scribbled", 9, NULL, 0);
        return BERTH_OK;
    }
    return BERTH_FAIL;
}

/* ---- leaving something behind (with the grant to start programs) ------------------------------------------------ */

HANDLER(orphan) {
    UNUSED;
    pid_t child = fork();
    if (child < 0) return BERTH_FAIL;
    if (child == 0) {
        setsid();
        if (fork() > 0) _exit(0);
        execlp("sleep", "sleep", "600", NULL);
        _exit(127);
    }
    waitpid(child, NULL, 0);
    abort();
}

/* Keeps nothing by which it could be found, and says its number, which is nobody's in a process namespace. */
HANDLER(hidden_orphan) {
    (void)params, (void)length;
    int ends[2];
    if (pipe(ends) != 0) return BERTH_FAIL;
    pid_t child = fork();
    if (child < 0) return BERTH_FAIL;
    if (child == 0) {
        setsid();
        pid_t orphan = fork();
        if (orphan > 0) (void)!write(ends[1], &orphan, sizeof orphan);
        if (orphan != 0) _exit(0);
        char *words[] = {"sleep", "600", NULL}, *nothing[] = {NULL};
        execve("/bin/sleep", words, nothing);
        _exit(127);
    }
    pid_t orphan = 0;
    (void)!read(ends[0], &orphan, sizeof orphan);
    waitpid(child, NULL, 0);
    poll(NULL, 0, 100);
    char text[32];
    int count = snprintf(text, sizeof text, "orphan %d", (int)orphan);
    host->log(context, BERTH_LOG_INFO, text, (size_t)count, NULL, 0);
    abort();
}

/* As many, none of which is a child of the guest that it has started. */
HANDLER(orphan_bomb) {
    UNUSED;
    for (int number = 0; number < 400; number++) {
        pid_t child = fork();
        if (child < 0) return BERTH_FAIL;
        if (child == 0) {
            setsid();
            if (fork() == 0) wait_for_ever();
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    wait_for_ever();
    return BERTH_OK;
}

/* Programs that have ended, and whose parent is gone too: the first process of the namespace inherits them. */
HANDLER(ended_programs) {
    UNUSED;
    for (int number = 0; number < 80; number++) {
        pid_t child = fork();
        if (child < 0) return BERTH_FAIL;
        if (child == 0) {
            if (fork() == 0) _exit(0);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    poll(NULL, 0, 300);
    return BERTH_OK;
}

#define COMPONENT(name, text, ...)                                                                                     \
    { .struct_size = sizeof(berth_component), .kind = BERTH_KIND_HANDLER, .id = text,                                  \
      .vtable = &(const berth_handler){.struct_size = sizeof(berth_handler), .execute = name}, __VA_ARGS__ }

static const berth_component components[] = {
    COMPONENT(memory_hog, "memory-hog"),
    COMPONENT(shared_memory_hog, "shared-memory-hog"),
    COMPONENT(table_hog, "table-hog"),
    COMPONENT(descriptors_on_their_way, "descriptors-on-their-way"),
    COMPONENT(processor_hog, "processor-hog"),
    COMPONENT(processor_hog_that_never_began, "processor-hog-that-never-began"),
    COMPONENT(file_hog, "file-hog"),
    COMPONENT(file_hog_that_listens, "file-hog-that-listens"),
    COMPONENT(descriptor_hoarder, "descriptor-hoarder"),
    COMPONENT(output_hog, "output-hog"),
    COMPONENT(thread_bomb, "thread-bomb"),
    COMPONENT(fork_bomb, "fork-bomb"),
    COMPONENT(stack_hog, "stack-hog"),
    COMPONENT(stack_hog_in_a_thread, "stack-hog-in-a-thread"),
    COMPONENT(folder_hog, "folder-hog"),
    COMPONENT(log_hog, "log-hog"),
    COMPONENT(exit_zero, "exit-zero"),
    COMPONENT(kill_self, "kill-self"),
    COMPONENT(stop_self, "stop-self"),
    COMPONENT(alarm_self, "alarm-self"),
    COMPONENT(free_twice, "free-twice"),
    COMPONENT(call_nothing, "call-nothing"),
    COMPONENT(thread_exit_crash, "thread-exit-crash"),
    COMPONENT(leave_the_run_thread, "leave-the-run-thread"),
    COMPONENT(signal_thief, "signal-thief"),
    COMPONENT(mask_everything, "mask-everything"),
    COMPONENT(stuck_in_a_callback, "stuck-in-a-callback"),
    COMPONENT(silent, "silent", .stall_ms = 150),
    COMPONENT(frame_forger, "frame-forger"),
    COMPONENT(frame_of_four_gigabytes, "frame-of-four-gigabytes"),
    COMPONENT(half_a_frame, "half-a-frame"),
    COMPONENT(descriptor_for_the_host, "descriptor-for-the-host"),
    COMPONENT(close_the_socket, "close-the-socket"),
    COMPONENT(emit_after_the_end, "emit-after-the-end"),
    COMPONENT(leave_threads, "leave-threads"),
    COMPONENT(page_scribbler, "page-scribbler"),
    COMPONENT(orphan, "orphan", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(program_bomb, "program-bomb", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(program_processor_hog, "program-processor-hog", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(memory_hog_that_aborts, "memory-hog-that-aborts"),
    COMPONENT(end_of_the_last_number, "end-of-the-last-number"),
    COMPONENT(memory_file_hog, "memory-file-hog"),
    COMPONENT(memory_hog_after_the_end, "memory-hog-after-the-end"),
    COMPONENT(processor_hog_after_the_end, "processor-hog-after-the-end"),
    COMPONENT(ended_programs, "ended-programs", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(scratch_hog, "scratch-hog"),
    COMPONENT(nameless_scratch_hog, "nameless-scratch-hog"),
    COMPONENT(hidden_orphan, "hidden-orphan", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(orphan_bomb, "orphan-bomb", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(exit_143, "exit-143", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(terminate_self, "terminate-self", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(program_relay, "program-relay", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(dropped_memory_hog, "dropped-memory-hog"),
    COMPONENT(many_programs_memory_hog, "many-programs-memory-hog", .flags = BERTH_FLAG_SUBPROCESS),
    COMPONENT(file_hog_that_says_little, "file-hog-that-says-little"),
    COMPONENT(large_allocation, "large-allocation"),
    COMPONENT(address_hoarder, "address-hoarder"),
    COMPONENT(descriptor_hoarder_that_tidies, "descriptor-hoarder-that-tidies"),
    COMPONENT(long_grace, "long-grace", .grace_ms = UINT32_MAX),
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "hostile";
    out->version = "1.0.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
