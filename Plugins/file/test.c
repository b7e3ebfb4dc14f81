/* Unit tests of the built plugin file: ./test file.so */
#include "fake_host.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int failures;
static const char *library;
static char folder[] = "/tmp/berth-file-XXXXXX";

/* ---- files ------------------------------------------------------------------------------------------------------ */

static const char *at(const char *path) {
    static char paths[4][PATH_MAX];
    static int next;
    char *whole = paths[next++ % 4];
    snprintf(whole, PATH_MAX, "%s/%s", folder, path);
    return whole;
}

static int exists(const char *path) {
    struct stat status;
    return lstat(at(path), &status) == 0;
}

static void make_file(const char *path, size_t size, int days_old) {
    FILE *file = fopen(at(path), "w");
    for (size_t i = 0; file && i < size; i++) fputc('a' + (int)(i % 26), file);
    if (!file || fclose(file) != 0) exit(1);
    struct timespec times[2] = {{.tv_sec = time(NULL) - 86400 * days_old}, {.tv_sec = time(NULL) - 86400 * days_old}};
    if (utimensat(AT_FDCWD, at(path), times, 0) != 0) exit(1);
}

static void make_folder(const char *path) {
    if (mkdir(at(path), 0755) != 0) exit(1);
}

static void make_link(const char *path, const char *to) {
    if (symlink(to, at(path)) != 0) exit(1);
}

/* The status of a command line that is made of the format. */
__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...) {
    char line[3 * PATH_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return system(line);
}

/* Everything afresh: logs/{new,old,big}.log, logs/old.txt, logs/sub/old.log, and an outside with a file. */
static void arrange(void) {
    shell("rm -rf %s", folder);
    if (mkdir(folder, 0755) != 0) exit(1);
    make_folder("in"), make_folder("in/logs"), make_folder("in/logs/sub"), make_folder("in/out"), make_folder("outside");
    make_file("in/logs/new.log", 10, 0), make_file("in/logs/old.log", 20, 9), make_file("in/logs/big.log", 20000, 9);
    make_file("in/logs/old.txt", 30, 9), make_file("in/logs/sub/old.log", 40, 9), make_file("outside/secret", 50, 9);
}

/* ---- attempts --------------------------------------------------------------------------------------------------- */

struct outcome {
    berth_status status;
    int logs;
    char output[8192], error[2049];
};

/* `%` in the params stands for the allowed folder. In a process of its own: the configuration is read once. */
static struct outcome attempt(const char *config, const char *params) {
    struct outcome outcome = {.status = -1};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    for (; *params; params++) *params == '%' ? fprintf(out, "%s/in", folder) : fputc(*params, out);
    fclose(out);
    int ends[2];
    if (pipe(ends) != 0) exit(1);
    pid_t child = fork();
    if (child == 0) {
        berth_plugin plugin = fake_load(library);
        plugin.start(config, strlen(config));
        berth_context context = fake_attempt();
        outcome.status = fake_run(&plugin, "action", text, &context);
        outcome.logs = context.log_count;
        fake_keep(outcome.output, sizeof outcome.output, context.output, context.output_length);
        fake_keep(outcome.error, sizeof outcome.error, context.error, strlen(context.error));
        _exit(write(ends[1], &outcome, sizeof outcome) != sizeof outcome);
    }
    close(ends[1]);
    size_t done = 0;
    for (ssize_t part; (part = read(ends[0], (char *)&outcome + done, sizeof outcome - done)) > 0;) done += (size_t)part;
    close(ends[0]);
    waitpid(child, NULL, 0);
    free(text);
    return outcome;
}

static struct outcome expect(int line, const char *config, const char *params, berth_status code, const char *part) {
    struct outcome outcome = attempt(config, params);
    if (outcome.status == code && strstr(code == BERTH_OK ? outcome.output : outcome.error, part)) return outcome;
    fprintf(stderr, "test.c:%d: %s\n  -> %d, output %s, reason %s\n", line, params, outcome.status, outcome.output, outcome.error);
    failures++;
    return outcome;
}

static const char *allowed(void) {
    static char config[PATH_MAX];
    snprintf(config, sizeof config, "{\"roots\":[\"%s/in\"]}", folder);
    return config;
}

#define EXPECT(params, code, part) expect(__LINE__, allowed(), params, code, part)
#define CHECK(truth) \
    do { \
        if (truth) break; \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
        failures++; \
    } while (0)

/* ---- tests ------------------------------------------------------------------------------------------------------ */

static void cleans_by_pattern_age_and_size(void) {
    arrange();
    struct outcome dry = EXPECT("{\"action\":\"cleanup\",\"path\":\"%/logs\",\"pattern\":\"*.log\",\"older_than\":\"7d\","
                                "\"dry_run\":true,\"recursive\":true}", BERTH_OK, "\"deleted_count\":3,\"deleted_size\":\"19.6 KB\"");
    CHECK(exists("in/logs/old.log") && dry.logs == 3 && strstr(dry.output, "\"sub/old.log\""));
    EXPECT("{\"action\":\"cleanup\",\"path\":\"%/logs\",\"pattern\":\"*.log\",\"larger_than\":\"10K\"}", BERTH_OK,
           "\"deleted_files\":[\"big.log\"]");
    CHECK(!exists("in/logs/big.log") && exists("in/logs/old.log"));
    EXPECT("{\"action\":\"cleanup\",\"path\":\"%/logs/\",\"pattern\":\"*\",\"older_than\":\"7d\",\"exclude\":[\".txt\"]}", BERTH_OK,
           "\"deleted_count\":1,");
    CHECK(!exists("in/logs/old.log") && exists("in/logs/old.txt") && exists("in/logs/new.log") && exists("in/logs/sub/old.log"));
    EXPECT("{\"action\":\"cleanup\",\"path\":\"%/logs\",\"pattern\":\"none\"}", BERTH_OK, "\"deleted_files\":[]");
}

static void never_follows_a_link_out(void) {
    arrange();
    make_link("in/logs/link", "../../outside");
    make_link("in/logs/file", "../../outside/secret");
    EXPECT("{\"action\":\"cleanup\",\"path\":\"%/logs\",\"pattern\":\"*\",\"recursive\":true}", BERTH_OK, "\"deleted_count\":5");
    CHECK(exists("outside/secret") && exists("in/logs/link"));
    const char *cases[][2] = {
        {"%/logs/link", "is a link"},           {"%/logs/link/.", "must end with the name"},
        {"%/../outside", "leads out"},          {"%/logs/link/secret", "leads out"},
        {"%/../in/logs", "leads out"},          {"/home", "/home is in none of the allowed folders"},
        {"/etc/ssl", "/etc/ssl is in none of"}, {"%-not/x", "-not/x is in none of the allowed"},  {"in/logs", "absolute path"},
        {"%/none", "No such file"},             {"%/logs/..", "must end with the name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char params[PATH_MAX];
        snprintf(params, sizeof params, "{\"action\":\"stat\",\"path\":\"%s\"}", cases[i][0]);
        struct outcome outcome = attempt(allowed(), params);
        if (outcome.status >= BERTH_FAIL && strstr(outcome.error, cases[i][1])) continue;
        fprintf(stderr, "%s -> %d %s\n", cases[i][0], outcome.status, outcome.error);
        failures++;
    }
    EXPECT("{\"action\":\"backup\",\"source\":\"%/logs\",\"target\":\"%/logs/link/copy\"}", BERTH_FAIL_PARAMS, "leads out");
    EXPECT("{\"action\":\"compress\",\"source\":\"%/logs\",\"target\":\"/etc/x.tar.gz\"}", BERTH_FAIL_PARAMS, "in none");
    expect(__LINE__, "{\"roots\":[\"/\"]}", "{\"action\":\"stat\",\"path\":\"/etc/ssl\"}", BERTH_FAIL_PARAMS, "the system's own");
    expect(__LINE__, "{\"roots\":[\"/\"]}", "{\"action\":\"stat\",\"path\":\"/proc/self/root/etc\"}", BERTH_FAIL, "");
    expect(__LINE__, "{\"roots\":[\"/\"]}", "{\"action\":\"stat\",\"path\":\"%/logs/link/../../usr/lib\"}", BERTH_FAIL, "");
    expect(__LINE__, "{\"roots\":7}", "{\"action\":\"stat\",\"path\":\"%\"}", BERTH_FAIL_CONFIG, "array");
}

static void backs_up_under_a_stamped_name(void) {
    arrange();
    shell("chmod 640 %s", at("in/logs/old.txt"));
    EXPECT("{\"action\":\"backup\",\"source\":\"%/logs/old.txt\",\"target\":\"%/out/copy.txt\"}", BERTH_OK, "\"copied_count\":1");
    CHECK(shell("cmp -s %s/in/out/copy_????????????.txt %s", folder, at("in/logs/old.txt")) == 0);
    CHECK(shell("test \"$(stat -c '%%a %%Y' %s/in/out/copy_*.txt)\" = \"$(stat -c '%%a %%Y' %s)\"", folder, at("in/logs/old.txt")) == 0);
    shell("chmod 750 %s", at("in/logs/sub"));
    make_link("in/logs/sub/link", "../old.txt");
    EXPECT("{\"action\":\"backup\",\"source\":\"%/logs\",\"target\":\"%/out/\"}", BERTH_OK, "\"copied_count\":5,");
    CHECK(shell("diff -r --no-dereference %s %s/in/out/logs_????????????", at("in/logs"), folder) == 0);
    CHECK(shell("test $(stat -c %%a %s/in/out/logs_2*/sub) = 750", folder) == 0);
    EXPECT("{\"action\":\"backup\",\"source\":\"%/logs\",\"target\":\"%/logs/sub/copy\"}", BERTH_FAIL_PARAMS, "part of itself");
    CHECK(shell("test -z \"$(find %s -name '.*part*')\"", folder) == 0);
    EXPECT("{\"action\":\"backup\",\"source\":\"%/logs\",\"target\":\"%/out/x.tar.gz\",\"compress\":true}", BERTH_OK, "/in/out/x.tar_");
    CHECK(shell("mkdir %s/unpacked && tar xzf %s/in/out/x.tar_????????????.gz -C %s/unpacked && diff -r --no-dereference %s %s/unpacked/logs",
                folder, folder, folder, at("in/logs"), folder) == 0);
}

static void compresses_what_tar_reads(void) {
    arrange();
    char deep[400] = "in/logs/sub/";
    memset(deep + 12, 'n', 200);
    make_file(deep, 100, 1);
    EXPECT("{\"action\":\"compress\",\"source\":\"%/logs\",\"target\":\"%/out/all.tar.gz\"}", BERTH_OK, "\"file_count\":6,");
    CHECK(shell("mkdir %s/u && tar xzf %s -C %s/u && diff -r %s %s/u/logs", folder, at("in/out/all.tar.gz"), folder, at("in/logs"), folder) == 0);
    EXPECT("{\"action\":\"compress\",\"source\":\"%/logs\",\"target\":\"%/out/all.tar.gz\"}", BERTH_FAIL, "is there already");
    EXPECT("{\"action\":\"compress\",\"source\":\"%/logs/big.log\",\"remove_source\":true}", BERTH_OK, "\"original_bytes\":20000");
    CHECK(exists("in/logs/big.log.tar.gz") && !exists("in/logs/big.log"));
    EXPECT("{\"action\":\"compress\",\"source\":\"%/logs/sub\",\"remove_source\":true}", BERTH_OK, "\"file_count\":2");
    CHECK(!exists("in/logs/sub"));
}

static void measures(void) {
    arrange();
    struct outcome all = EXPECT("{\"action\":\"stat\",\"path\":\"%\",\"limit\":2}", BERTH_OK, "\"total_files\":5,\"total_dirs\":3");
    CHECK(strstr(all.output, "\"top_files\":[{\"path\":\"logs/big.log\",\"size\":\"19.5 KB\",\"bytes\":20000,\"modified\":\"20"));
    CHECK(strstr(all.output, "\"path\":\"logs/sub/old.log\"") && !strstr(all.output, "old.txt"));
    EXPECT("{\"action\":\"stat\",\"path\":\"%/logs/new.log\"}", BERTH_OK, "\"total_size\":\"10 B\"");
}

/* What is misspelt would be a restriction that is off. */
static void knows_every_word_of_its_config(void) {
    expect(__LINE__, "{\"root\":[\"/data\"]}", "{\"action\":\"stat\",\"path\":\"/tmp\"}", BERTH_FAIL_CONFIG,
           "config has no \"root\"; did you mean \"roots\"?");
    expect(__LINE__, "{\"folders\":[\"/data\"]}", "{\"action\":\"stat\",\"path\":\"/tmp\"}", BERTH_FAIL_CONFIG, "it knows roots");
}

static void refuses_nonsense(void) {
    EXPECT("[]", BERTH_FAIL_PARAMS, "object");
    EXPECT("{}", BERTH_FAIL_PARAMS, "\"action\"");
    EXPECT("{\"action\":\"wipe\"}", BERTH_FAIL_PARAMS, "cleanup, backup");
    EXPECT("{\"action\":\"cleanup\",\"path\":\"%\"}", BERTH_FAIL_PARAMS, "\"pattern\"");
    EXPECT("{\"action\":\"cleanup\",\"path\":\"%\",\"pattern\":\"*\",\"older_than\":\"soon\"}", BERTH_FAIL_PARAMS, "not soon");
    EXPECT("{\"action\":\"cleanup\",\"path\":\"%\",\"pattern\":\"*\",\"larger_than\":\"99999999999999T\"}", BERTH_FAIL_PARAMS, "10K");
    EXPECT("{\"action\":\"cleanup\",\"path\":\"%\",\"pattern\":\"*\",\"dry_run\":\"yes\"}", BERTH_FAIL_PARAMS, "true or false");
    EXPECT("{\"action\":\"stat\",\"path\":\"%\",\"limit\":101}", BERTH_FAIL_PARAMS, "\"limit\"");
    EXPECT("{\"action\":\"stat\",\"path\":\"/var/log\",\"host\":\"h\"}", BERTH_FAIL_PARAMS, "another machine");
    EXPECT("{\"action\":\"backup\",\"source\":\"%/logs\"}", BERTH_FAIL_PARAMS, "\"target\"");
}

/* Stopped before it begins, and half-way: nothing that is not whole stays. */
static void ends_when_asked(void) {
    arrange();
    berth_plugin plugin = fake_load(library);
    plugin.start(allowed(), strlen(allowed()));
    char params[PATH_MAX];
    snprintf(params, sizeof params, "{\"action\":\"backup\",\"source\":\"%s/in/logs\",\"target\":\"%s/in/out/copy\"}", folder, folder);
    for (int late = 0; late < 2; late++) {
        berth_context context = fake_attempt();
        atomic_store(&context.cancel_state, BERTH_STOP_ASKED);
        context.deadline_ns = late;
        CHECK(fake_run(&plugin, "action", params, &context) == (late ? BERTH_TIMED_OUT : BERTH_CANCELLED));
        fake_end(&context);
    }
    CHECK(shell("test -z \"$(ls -A %s)\"", at("in/out")) == 0);
}

/* Asks once the first bytes were copied. */
static void *ask(void *given) {
    berth_context *context = given;
    while (*(volatile uint64_t *)&context->progress_done == 0) usleep(100);
    fake_ask(context, BERTH_STOP_ASKED, BERTH_STOP_CANCEL);
    return NULL;
}

static void leaves_no_half_copy(void) {
    arrange();
    if (shell("truncate -s 64G %s", at("in/logs/huge"))) exit(1);
    berth_plugin plugin = fake_load(library);
    plugin.start(allowed(), strlen(allowed()));
    char params[PATH_MAX];
    snprintf(params, sizeof params, "{\"action\":\"compress\",\"source\":\"%s/in/logs/huge\",\"target\":\"%s/in/out/h.tar.gz\"}", folder,
             folder);
    berth_context context = fake_attempt();
    pthread_t asker;
    pthread_create(&asker, NULL, ask, &context);
    CHECK(fake_run(&plugin, "action", params, &context) == BERTH_CANCELLED);
    pthread_join(asker, NULL);
    fake_end(&context);
    CHECK(shell("test -z \"$(ls -A %s)\"", at("in/out")) == 0);
}

/* What an attempt of the same run left, whose process was killed, is replaced: a file or a folder. Not what another is at. */
static void replaces_what_a_killed_attempt_left(void) {
    arrange();
    const char *params = "{\"action\":\"compress\",\"source\":\"%/logs\",\"target\":\"%/out/a.tar.gz\"}";
    make_file("in/out/.logs.part-42", 10, 0);
    EXPECT(params, BERTH_OK, "\"file_count\":5,");
    CHECK(shell("tar tzf %s >/dev/null && rm %s", at("in/out/a.tar.gz"), at("in/out/a.tar.gz")) == 0);
    make_folder("in/out/.logs.part-42");
    make_file("in/out/.logs.part-42/half", 10, 0);
    EXPECT(params, BERTH_OK, "\"file_count\":5,");
    CHECK(shell("test \"$(ls -A %s)\" = a.tar.gz && rm %s", at("in/out"), at("in/out/a.tar.gz")) == 0);
    make_folder("in/out/.logs.part-42");
    EXPECT("{\"action\":\"backup\",\"source\":\"%/logs\",\"target\":\"%/out/\"}", BERTH_OK, "\"copied_count\":5,");
    CHECK(!exists("in/out/.logs.part-42"));
    make_file("in/out/.logs.part-42", 10, 0);
    int other = open(at("in/out/.logs.part-42"), O_RDONLY);
    CHECK(flock(other, LOCK_EX) == 0);
    EXPECT(params, BERTH_RETRY, "another run is at");
    CHECK(exists("in/out/.logs.part-42") && !exists("in/out/a.tar.gz"));
    close(other);
}

int main(int argc, char **argv) {
    umask(077); /* as the host has it */
    library = argc > 1 ? argv[1] : "./file.so";
    if (!mkdtemp(folder)) return 1;
    cleans_by_pattern_age_and_size();
    never_follows_a_link_out();
    backs_up_under_a_stamped_name();
    compresses_what_tar_reads();
    measures();
    knows_every_word_of_its_config();
    refuses_nonsense();
    ends_when_asked();
    leaves_no_half_copy();
    replaces_what_a_killed_attempt_left();
    shell("rm -rf %s", folder);
    if (failures == 0) puts("file: all tests passed");
    return failures != 0;
}
