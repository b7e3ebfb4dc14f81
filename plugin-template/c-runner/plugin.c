/* A Berth plugin with one runner, which starts a program. Everything a plugin may do is said in berth_plugin.h. */
#define _GNU_SOURCE
#include "berth_plugin.h"
#include "failure.h"
#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The services of the host: log, progress, emit, cancellation and so on. */
static const berth_host *host;

/* What one attempt needs from parse_args to cleanup. */
typedef struct greeting {
    char *name;
    pthread_mutex_t lock; /* round `program`, and round every signal to it */
    pid_t program;        /* the process, 0 when there is none that may be signalled */
    char output[4096];
    size_t length;
} greeting;

static void hello_cleanup(void *self) {
    greeting *it = self;
    pthread_mutex_destroy(&it->lock);
    free(it->name);
    free(it);
}

/* Everything that `params` points to is gone after the return: keep copies. */
static berth_status hello_parse(berth_context *context, const void *params, size_t length, void **self) {
    json_value root;
    json_parse(params, length, &root);
    greeting *it = calloc(1, sizeof *it);
    if (!it) return BERTH_RETRY;
    pthread_mutex_init(&it->lock, NULL);
    it->name = json_text(json_member(root, "name"));
    if (!it->name) {
        hello_cleanup(it);
        return failure(host, context, BERTH_FAIL_PARAMS, "give a name: {\"name\": \"Ada\"}");
    }
    *self = it;
    return BERTH_OK;
}

static void set_program(greeting *it, pid_t program) {
    pthread_mutex_lock(&it->lock);
    it->program = program;
    pthread_mutex_unlock(&it->lock);
}

static berth_status send_signal(greeting *it, int number) {
    pthread_mutex_lock(&it->lock);
    if (it->program > 0) kill(it->program, number);
    pthread_mutex_unlock(&it->lock);
    return BERTH_OK;
}

/* Starts the program with its output in a pipe; an error number, 0 when it runs. */
static int start(greeting *it, int *output) {
    extern char **environ;
    char *arguments[] = {"printf", "Hello, %s!\n", it->name, NULL};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    pid_t program = 0;
    int error = posix_spawnp(&program, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    *output = ends[0];
    if (error) close(ends[0]);
    else set_program(it, program);
    return error;
}

/* Reads to the end; what does not fit is dropped. */
static void collect(greeting *it, int output) {
    char block[512];
    ssize_t count;
    while ((count = read(output, block, sizeof block)) > 0 || (count < 0 && errno == EINTR)) {
        size_t room = sizeof it->output - it->length, kept = count < 0 ? 0 : (size_t)count;
        if (kept > room) kept = room;
        memcpy(it->output + it->length, block, kept);
        it->length += kept;
    }
    close(output);
}

/* The program's exit status. Its number is withdrawn before the system may give it away, and no signal is on its way then. */
static int end(greeting *it) {
    siginfo_t info = {0};
    pid_t program = it->program; /* nobody but this thread changes it */
    while (waitid(P_PID, (id_t)program, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
    set_program(it, 0);
    int status = 0;
    waitpid(program, &status, 0);
    return status;
}

static berth_status hello_execute(berth_context *context, void *self) {
    greeting *it = self;
    int output = -1;
    int error = start(it, &output);
    if (error) return failure(host, context, BERTH_FAIL, "printf cannot be started: %s", strerror(error));
    host->breadcrumb(context, "printf runs", 11);
    /* An ask that came before there was a program would otherwise be lost. */
    if (host->cancel_state(context) != BERTH_RUN_ON) send_signal(it, SIGTERM);
    collect(it, output);
    int status = end(it);
    if (host->cancel_state(context) != BERTH_RUN_ON)
        return host->monotonic_ns() < host->deadline_ns(context) ? BERTH_CANCELLED : BERTH_TIMED_OUT;
    if (status != 0) return failure(host, context, BERTH_RETRY, "printf ended with status %d", status);
    return BERTH_OK;
}

/* Called on another thread while execute is busy. */
static berth_status hello_stop(void *self, int32_t reason) {
    (void)reason;
    return send_signal(self, SIGTERM);
}

static berth_status hello_kill(void *self) { return send_signal(self, SIGKILL); }

static berth_status hello_result(berth_context *context, void *self) {
    greeting *it = self;
    return host->emit(context, it->output, it->length, 0);
}

static const berth_runner hello_runner = {
    .struct_size = sizeof(berth_runner),
    .parse_args = hello_parse,
    .execute = hello_execute,
    .stop = hello_stop,
    .kill = hello_kill,
    .result = hello_result,
    .cleanup = hello_cleanup,
};

/* More components are added here, each with an id of its own, of this kind or of another. */
static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_RUNNER,
        .id = "hello",
        .title = "Lets a program greet somebody",
        .params_schema = "{\"type\":\"object\",\"required\":[\"name\"],\"additionalProperties\":false,"
                         "\"properties\":{\"name\":{\"type\":\"string\"}}}",
        .result_type = "text/plain",
        .flags = BERTH_FLAG_SUBPROCESS | BERTH_FLAG_COOPERATIVE,
        .vtable = &hello_runner,
    },
};

/* The one function the host looks for. */
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "plugin-name";
    out->version = "0.1.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
