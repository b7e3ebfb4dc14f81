#include "program.h"
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IN, OUT, ERR, ENDS };

/* What the parent holds while the program runs. */
struct program {
    pid_t leader;
    int ended; /* pidfd, -1 where there is none */
    int out, err;
};

void program_signal(struct command *command, int signal, int32_t reason) {
    pthread_mutex_lock(&command->lock);
    if (!command->stop_reason) command->stop_reason = reason;
    if (command->group) kill(-command->group, signal);
    pthread_mutex_unlock(&command->lock);
}

/* ---- starting --------------------------------------------------------------------------------------------------- */

/* A file that holds the input: a program that never reads it can then neither block nor kill us by a closed pipe. */
static int open_input(const char *text) {
    if (!text) return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int file = memfd_create("stdin", MFD_CLOEXEC);
    size_t length = strlen(text);
    for (size_t done = 0; file >= 0 && done < length;) {
        ssize_t written = write(file, text + done, length - done);
        if (written < 0) {
            close(file);
            return -1;
        }
        done += (size_t)written;
    }
    if (file >= 0) lseek(file, 0, SEEK_SET);
    return file;
}

static void reset_signals(void) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Nothing but 0, 1 and 2 reaches the program; the pipe that reports a failed exec closes by itself. */
static void close_the_rest(void) {
    if (syscall(SYS_close_range, 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */) == 0) return;
    for (int descriptor = 3; descriptor < 1024; descriptor++) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

/* In the child, between fork and exec: nothing here may allocate or lock. */
static _Noreturn void become_program(const struct command *command, const int ends[ENDS], int report, pid_t parent) {
    struct start_failure why = {0};
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* the program shall not outlive the process that asked for it */
    if (getppid() != parent) _exit(127);
    reset_signals();
    for (int i = 0; i < ENDS; i++) dup2(ends[i], i);
    close_the_rest();
    if (command->folder && chdir(command->folder) != 0) {
        why.at_folder = 1;
    } else {
        execvpe(command->arguments[0], command->arguments, command->environment);
    }
    why.error = errno;
    ssize_t ignored = write(report, &why, sizeof why);
    (void)ignored;
    _exit(127);
}

/* Moves a descriptor out of the way of 0, 1 and 2, so that the child can put its ends there in any order. */
static int lift(int descriptor) {
    if (descriptor < 0 || descriptor > 2) return descriptor;
    int lifted = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    close(descriptor);
    return lifted;
}

static int open_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return 0;
    ends[0] = lift(ends[0]);
    ends[1] = lift(ends[1]);
    return 1;
}

static void close_all(const int *descriptors, int count) {
    for (int i = 0; i < count; i++)
        if (descriptors[i] >= 0) close(descriptors[i]);
}

/* Forks under the lock, so that a stop finds either no group or the whole one. */
static pid_t fork_program(struct command *command, const int ends[ENDS], int report) {
    pthread_mutex_lock(&command->lock);
    pid_t parent = getpid();
    pid_t child = command->stop_reason ? -1 : fork();
    if (child == 0) become_program(command, ends, report, parent);
    if (child > 0) {
        setpgid(child, child);
        command->group = child;
    } else if (command->stop_reason) {
        errno = 0;
    }
    pthread_mutex_unlock(&command->lock);
    return child;
}

/* Waits for exec to succeed (the pipe closes) or to say why not. */
static struct start_failure read_report(int report) {
    struct start_failure why = {0};
    while (read(report, &why, sizeof why) < 0 && errno == EINTR) {}
    return why;
}

/* ---- following -------------------------------------------------------------------------------------------------- */

/* The end of the leader is seen before it is reaped, so that its number still names the group that is killed. */
static void end_group(struct command *command, pid_t leader) {
    siginfo_t info;
    while (waitid(P_PID, (id_t)leader, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {}
    int status = 0;
    pthread_mutex_lock(&command->lock);
    kill(-leader, SIGKILL);
    while (waitpid(leader, &status, 0) < 0 && errno == EINTR) {}
    command->group = 0;
    pthread_mutex_unlock(&command->lock);
    if (WIFSIGNALED(status)) command->ended_by = WTERMSIG(status);
    else command->exit_code = WEXITSTATUS(status);
}

/* Turns output into lines until the program has ended. */
static void follow(struct program *program, struct lines *out, struct lines *err) {
    int running = 1;
    while (running) {
        struct pollfd watched[] = {
            {.fd = program->out, .events = POLLIN},
            {.fd = program->err, .events = POLLIN},
            {.fd = program->ended, .events = POLLIN},
        };
        if (poll(watched, 3, -1) < 0) continue;
        if (watched[0].revents && !lines_take(out, program->out)) program->out = -1;
        if (watched[1].revents && !lines_take(err, program->err)) program->err = -1;
        if (watched[2].revents) running = 0;
        if (program->ended < 0 && program->out < 0 && program->err < 0) running = 0; /* no pidfd: both pipes closed */
    }
}

/* What was printed just before the end is still in the pipes; a stranger who holds one open cannot keep us. */
static void drain(struct program *program, struct lines *out, struct lines *err) {
    while (program->out >= 0 && lines_take(out, program->out) == 1) {}
    while (program->err >= 0 && lines_take(err, program->err) == 1) {}
    lines_end(out);
    lines_end(err);
}

static void follow_to_the_end(struct command *command, berth_context *context, pid_t leader, int out_pipe, int err_pipe) {
    struct program program = {.leader = leader, .out = out_pipe, .err = err_pipe};
    struct lines out = {.context = context, .command = command, .level = BERTH_LOG_INFO, .stream = "stdout"};
    struct lines err = {.context = context, .command = command, .level = BERTH_LOG_WARNING, .stream = "stderr"};
    fcntl(out_pipe, F_SETFL, O_NONBLOCK);
    fcntl(err_pipe, F_SETFL, O_NONBLOCK);
    program.ended = (int)syscall(SYS_pidfd_open, leader, 0);
    follow(&program, &out, &err);
    end_group(command, leader);
    drain(&program, &out, &err);
    if (program.ended >= 0) close(program.ended);
}

struct start_failure program_run(struct command *command, berth_context *context) {
    int out[2] = {-1, -1}, err[2] = {-1, -1}, report[2] = {-1, -1};
    struct start_failure why = {0};
    command->kept_all = 1;
    int input = lift(open_input(command->input));
    pid_t leader = -1;
    if (input >= 0 && open_pipe(out) && open_pipe(err) && open_pipe(report))
        leader = fork_program(command, (int[ENDS]){input, out[1], err[1]}, report[1]);
    why.error = leader < 0 ? errno : 0;
    close_all((int[]){input, out[1], err[1], report[1]}, 4);
    if (leader > 0) {
        why = read_report(report[0]);
        atomic_store(&command->phase, PHASE_RUNNING);
        if (why.error) end_group(command, leader);
        else follow_to_the_end(command, context, leader, out[0], err[0]);
        atomic_store(&command->phase, PHASE_ENDED);
    }
    close_all((int[]){out[0], err[0], report[0]}, 3);
    return why;
}
