/* Unit tests of the built plugin file: ./test chaos.so */
#include "fake_host.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int failures;

#define CHECK(truth) \
    do { \
        if (truth) break; \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
        failures++; \
    } while (0)

static const berth_plugin *plugin;

static berth_status run(const char *id, const char *params, berth_context *attempt) {
    *attempt = fake_attempt();
    return fake_run(plugin, id, params, attempt);
}

/* How a child process ends in which the component runs. */
static int death_of(const char *id, const char *params, rlim_t memory) {
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0}, little = {memory, memory};
        setrlimit(RLIMIT_CORE, &none);
        if (memory) setrlimit(RLIMIT_AS, &little);
        berth_context attempt;
        run(id, params, &attempt);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

static void dies_as_promised(void) {
    int status = death_of("segfault", "{}", 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    status = death_of("abort", "{}", 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    status = death_of("exit", "{\"code\":9}", 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    status = death_of("leak", "{}", (rlim_t)1 << 28);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void fails_as_promised(void) {
    berth_context attempt;
    CHECK(run("fail-retry", "{\"retry_after_ms\":250}", &attempt) == BERTH_RETRY);
    CHECK(attempt.retry_after_ms == 250 && attempt.error_code == BERTH_RETRY);
    fake_end(&attempt);
    CHECK(run("fail-retry", "{\"succeed_at\":1}", &attempt) == BERTH_OK);
    fake_end(&attempt);
    CHECK(run("fail-permanent", "{}", &attempt) == BERTH_FAIL && attempt.error[0]);
    fake_end(&attempt);
    CHECK(run("sleep", "{\"seconds\":\"long\"}", &attempt) == BERTH_FAIL_PARAMS);
    fake_end(&attempt);
}

static void *ask(void *attempt) {
    fake_ask(attempt, BERTH_STOP_ASKED, BERTH_STOP_CANCEL);
    return NULL;
}

static void sleep_ends_when_asked(void) {
    berth_context attempt = fake_attempt();
    pthread_t asker;
    pthread_create(&asker, NULL, ask, &attempt);
    CHECK(fake_run(plugin, "sleep", "{\"seconds\":60}", &attempt) == BERTH_CANCELLED);
    pthread_join(asker, NULL);
    fake_end(&attempt);
    CHECK(run("sleep", "{\"seconds\":0.001}", &attempt) == BERTH_OK);
    fake_end(&attempt);
}

static void effects_are_on_disk(void) {
    char path[] = "/tmp/berth-chaos-XXXXXX", params[128], text[64] = {0};
    int file = mkstemp(path);
    berth_context attempt;
    snprintf(params, sizeof params, "{\"path\":\"%s\",\"line\":\"run-7\"}", path);
    CHECK(run("effect", params, &attempt) == BERTH_OK);
    fake_end(&attempt);
    CHECK(read(file, text, sizeof text - 1) == 8 && strcmp(text, "run-7 1\n") == 0);
    CHECK(ftruncate(file, 0) == 0);
    snprintf(params, sizeof params, "{\"path\":\"%s\"}", path);
    for (int i = 0; i < 1000; i++) {
        CHECK(run("count", params, &attempt) == BERTH_OK);
        fake_end(&attempt);
    }
    uint64_t counted = 0;
    CHECK(pread(file, &counted, sizeof counted, 0) == sizeof counted && counted == 1000);
    close(file);
    unlink(path);
    CHECK(run("effect", "{\"path\":\"/nowhere/x\",\"line\":\"a\"}", &attempt) == BERTH_FAIL_INPUT);
    fake_end(&attempt);
}

static void tells_the_clock(void) {
    berth_context attempt;
    long long before = fake_monotonic(), told = 0;
    CHECK(run("clock", "{}", &attempt) == BERTH_OK);
    CHECK(attempt.output && sscanf(attempt.output, "{\"monotonic_ns\":%lld}", &told) == 1);
    CHECK(told >= before && told <= fake_monotonic());
    fake_end(&attempt);
    CHECK(run("noop", "", &attempt) == BERTH_OK);
    fake_end(&attempt);
}

int main(int argc, char **argv) {
    berth_plugin loaded = fake_load(argc > 1 ? argv[1] : "./chaos.so");
    plugin = &loaded;
    dies_as_promised();
    fails_as_promised();
    sleep_ends_when_asked();
    effects_are_on_disk();
    tells_the_clock();
    if (failures == 0) puts("chaos: all tests passed");
    return failures != 0;
}
