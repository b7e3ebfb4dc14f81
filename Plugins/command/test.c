/* Unit tests of the built plugin file: ./test command.so */
#include "fake_host.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>

static int failures;

#define CHECK(truth) \
    do { \
        if (truth) break; \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
        failures++; \
    } while (0)

static const berth_plugin *plugin;

/* Runs and compares the code, the output (null: none), and a part of the reason (null: any). */
static void expect(int line, const char *params, berth_status code, const char *output, const char *reason) {
    berth_context attempt = fake_attempt();
    berth_status status = fake_run(plugin, "command", params, &attempt);
    int right = status == code && (output ? attempt.output && strstr(attempt.output, output) : !attempt.output) &&
                (!reason || strstr(attempt.error, reason));
    if (!right) {
        fprintf(stderr, "test.c:%d: %s\n  -> %d, output %s, reason %s\n", line, params, status,
                attempt.output ? attempt.output : "none", attempt.error);
        failures++;
    }
    fake_end(&attempt);
}

#define EXPECT(params, code, output, reason) expect(__LINE__, params, code, output, reason)

static void follows_the_exit_status(void) {
    EXPECT("{\"program\":\"true\"}", BERTH_OK,
           "{\"exit_code\":0,\"signal\":null,\"stdout\":\"\",\"stdout_truncated\":false}", NULL);
    EXPECT("{\"command\":[\"sh\",\"-c\",\"echo out; echo err >&2; exit 3\"]}", BERTH_RETRY,
           "{\"exit_code\":3,\"signal\":null,\"stdout\":\"out\\n\",\"stdout_truncated\":false}", "exit status 3: err");
    EXPECT("{\"command\":[\"sh\",\"-c\",\"kill -9 $$\"]}", BERTH_RETRY, "\"exit_code\":null,\"signal\":9", "signal 9");
}

static void hands_over_what_was_asked(void) {
    EXPECT("{\"program\":\"printf\",\"args\":[\"%s|\",\"a b\",\"$HOME\",\"*\"]}", BERTH_OK, "\"a b|$HOME|*|\"", NULL);
    EXPECT("{\"program\":\"sh\",\"args\":[\"-c\",\"echo $COLOR\"],\"env\":{\"COLOR\":\"blue=1\"}}", BERTH_OK,
           "\"blue=1\\n\"", NULL);
    EXPECT("{\"program\":\"pwd\",\"cwd\":\"/usr\"}", BERTH_OK, "\"/usr\\n\"", NULL);
    EXPECT("{\"program\":\"cat\",\"stdin\":\"one\\ntwo\"}", BERTH_OK, "\"one\\ntwo\"", NULL);
    EXPECT("{\"program\":\"cat\"}", BERTH_OK, "\"stdout\":\"\"", NULL);
    EXPECT("{\"program\":\"true\",\"stdin\":\"never read\"}", BERTH_OK, "\"exit_code\":0", NULL);
    EXPECT("{\"program\":\"sh\",\"args\":[\"-c\",\"ls /proc/self/fd | wc -l\"]}", BERTH_OK, "\"4\\n\"", NULL);
}

static void refuses_nonsense(void) {
    EXPECT("{}", BERTH_FAIL_PARAMS, NULL, "give either");
    EXPECT("[]", BERTH_FAIL_PARAMS, NULL, "object");
    EXPECT("{\"command\":[]}", BERTH_FAIL_PARAMS, NULL, "no name");
    EXPECT("{\"command\":[\"a\",1]}", BERTH_FAIL_PARAMS, NULL, "must be a text");
    EXPECT("{\"program\":\"a\",\"command\":[\"b\"]}", BERTH_FAIL_PARAMS, NULL, "give either");
    EXPECT("{\"program\":\"a\",\"args\":\"b\"}", BERTH_FAIL_PARAMS, NULL, "array");
    EXPECT("{\"program\":\"a\\u0000b\"}", BERTH_FAIL_PARAMS, NULL, "must be a text");
    EXPECT("{\"program\":\"true\",\"env\":{\"a=b\":\"c\"}}", BERTH_FAIL_PARAMS, NULL, "env");
    EXPECT("{\"program\":\"no-such-program\"}", BERTH_FAIL_PARAMS, NULL, "program not found: no-such-program");
    EXPECT("{\"program\":\"/etc/passwd\"}", BERTH_FAIL_PARAMS, NULL, "cannot execute /etc/passwd");
    EXPECT("{\"program\":\"true\",\"cwd\":\"/no/such\"}", BERTH_FAIL_PARAMS, NULL, "cannot enter the folder /no/such");
}

static void logs_line_by_line(void) {
    berth_context attempt = fake_attempt();
    const char *params = "{\"command\":[\"sh\",\"-c\",\"echo one; echo two; sleep 0.05; printf three >&2\"]}";
    CHECK(fake_run(plugin, "command", params, &attempt) == BERTH_OK);
    CHECK(attempt.log_count == 3 && attempt.log_level == BERTH_LOG_WARNING && strcmp(attempt.log, "three") == 0);
    fake_end(&attempt);
}

static void bounds_what_it_keeps(void) {
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "command", "{\"command\":[\"head\",\"-c\",\"3000000\",\"/dev/zero\"]}", &attempt) == BERTH_OK);
    CHECK(strstr(attempt.output, "\"stdout_truncated\":true"));
    CHECK(attempt.output_length < 6 * (1u << 20) + 200);
    CHECK(attempt.log_count == 3000000 / 8192 + 1);
    fake_end(&attempt);
}

/* The number of processes whose command line holds `marker`, zombies aside. */
static int processes_with(const char *marker) {
    int found = 0;
    DIR *all = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(all));) {
        char path[300], line[4096];
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        FILE *file = fopen(path, "r");
        if (!file) continue;
        size_t length = fread(line, 1, sizeof line - 1, file);
        fclose(file);
        if (length && memmem(line, length, marker, strlen(marker))) found++;
    }
    closedir(all);
    return found;
}

struct asking {
    berth_context *attempt;
    int kill_too;
};

/* Waits for the program's first line, then asks as the host does. */
static void *ask(void *given) {
    struct asking *asking = given;
    while (*(volatile int *)&asking->attempt->log_count == 0) usleep(1000);
    fake_ask(asking->attempt, BERTH_STOP_ASKED, BERTH_STOP_TIMEOUT);
    if (asking->kill_too) fake_ask(asking->attempt, BERTH_LAST_CALL, BERTH_STOP_TIMEOUT);
    return NULL;
}

static void ends_when_asked(const char *script, int kill_too) {
    char params[300];
    snprintf(params, sizeof params, "{\"command\":[\"bash\",\"-c\",\"%s\"]}", script);
    berth_context attempt = fake_attempt();
    struct asking asking = {&attempt, kill_too};
    pthread_t asker;
    pthread_create(&asker, NULL, ask, &asking);
    int64_t before = fake_monotonic();
    CHECK(fake_run(plugin, "command", params, &attempt) == BERTH_TIMED_OUT);
    CHECK(fake_monotonic() - before < 5000000000);
    pthread_join(asker, NULL);
    fake_end(&attempt);
}

static void leaves_nothing_behind(void) {
    ends_when_asked("echo up; exec sleep 7301", 0);
    ends_when_asked("trap '' TERM; echo up; while true; do sleep 7302; done", 1);
    ends_when_asked("sleep 7303 & sleep 7303 & echo up; wait", 0);
    /* The program ends, what it started does not and holds the pipe open. */
    EXPECT("{\"command\":[\"sh\",\"-c\",\"sleep 7304 & echo done\"]}", BERTH_OK, "\"done\\n\"", NULL);
    int64_t end = fake_monotonic() + 5000000000;
    while (processes_with("sleep") && processes_with("730") && fake_monotonic() < end) usleep(1000);
    for (const char *const *marker = (const char *[]){"7301", "7302", "7303", "7304", NULL}; *marker; marker++)
        CHECK(processes_with(*marker) == 0);
}

int main(int argc, char **argv) {
    berth_plugin loaded = fake_load(argc > 1 ? argv[1] : "./command.so");
    plugin = &loaded;
    follows_the_exit_status();
    hands_over_what_was_asked();
    refuses_nonsense();
    logs_line_by_line();
    bounds_what_it_keeps();
    leaves_nothing_behind();
    if (failures == 0) puts("command: all tests passed");
    return failures != 0;
}
