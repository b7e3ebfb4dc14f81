/* Unit tests of the built plugin file: ./test script.so */
#include "fake_host.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int failures;
static const char *library;
static char folder[] = "/tmp/berth-script-XXXXXX";

/* What one attempt came to, in a process of its own: the configuration is read once and for ever. */
struct outcome {
    berth_status status;
    int logs, left;
    char output[4096], error[2049];
};

static int files_in(const char *path) {
    char command[PATH_MAX + 32];
    snprintf(command, sizeof command, "ls -A %s | wc -l", path);
    FILE *answer = popen(command, "r");
    int count = -1;
    if (!answer || fscanf(answer, "%d", &count) != 1) count = -1;
    if (answer) pclose(answer);
    return count;
}

static struct outcome attempt(const char *config, const char *params) {
    int ends[2];
    struct outcome outcome = {.status = -1};
    if (pipe(ends) != 0) exit(1);
    pid_t child = fork();
    if (child == 0) {
        char scratch[PATH_MAX];
        snprintf(scratch, sizeof scratch, "%s/scratch", folder);
        mkdir(scratch, 0700);
        setenv("TMPDIR", scratch, 1);
        berth_plugin plugin = fake_load(library);
        plugin.start(config, strlen(config));
        berth_context context = fake_attempt();
        outcome.status = fake_run(&plugin, "script", params, &context);
        outcome.logs = context.log_count;
        outcome.left = files_in(scratch);
        fake_keep(outcome.output, sizeof outcome.output, context.output, context.output_length);
        fake_keep(outcome.error, sizeof outcome.error, context.error, strlen(context.error));
        _exit(write(ends[1], &outcome, sizeof outcome) != sizeof outcome);
    }
    close(ends[1]);
    if (read(ends[0], &outcome, sizeof outcome) != sizeof outcome) outcome.status = -1;
    close(ends[0]);
    waitpid(child, NULL, 0);
    return outcome;
}

/* Compares the code and a part of the output or, when it failed, of the reason. */
static void expect(int line, const char *config, const char *params, berth_status code, const char *part) {
    struct outcome outcome = attempt(config, params);
    int right = outcome.status == code && strstr(code == BERTH_OK ? outcome.output : outcome.error, part);
    if (right && outcome.left == 0) return;
    fprintf(stderr, "test.c:%d: %s\n  -> %d, output %s, reason %s, %d files left\n", line, params, outcome.status,
            outcome.output, outcome.error, outcome.left);
    failures++;
}

#define EXPECT(params, code, part) expect(__LINE__, "{}", params, code, part)

static int has(const char *program) {
    char command[64];
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
    return system(command) == 0;
}

static void runs_each_language(void) {
    EXPECT("{\"language\":\"bash\",\"code\":\"echo $((6*7)) $1\",\"args\":[\"a b\"]}", BERTH_OK, "\"42 a b\\n\"");
    EXPECT("{\"language\":\"SH\",\"code\":\"[[ a == a ]] && echo bash\"}", BERTH_OK, "\"bash\\n\"");
    EXPECT("{\"interpreter\":\"sh\",\"code\":\"echo $0 | sed 's/.*script/script/' | wc -c\"}", BERTH_OK, "\"14\\n\"");
    if (has("python3")) {
        EXPECT("{\"language\":\"python\",\"code\":\"import sys\\nprint(sys.argv[1:])\",\"args\":[\"x\"]}", BERTH_OK, "['x']");
        EXPECT("{\"language\":\"python\",\"code\":\"raise SystemExit(3)\"}", BERTH_RETRY, "exit status 3");
    }
    if (has("perl")) EXPECT("{\"language\":\"perl\",\"code\":\"print 6*7\"}", BERTH_OK, "\"42\"");
    if (has("node")) EXPECT("{\"language\":\"js\",\"code\":\"console.log(6*7)\"}", BERTH_OK, "\"42\\n\"");
}

static void gives_surroundings(void) {
    EXPECT("{\"language\":\"bash\",\"code\":\"pwd; cat; echo $A ${B}\",\"cwd\":\"/usr\",\"stdin\":\"in\\n\","
           "\"env\":{\"A\":\"1\"}}", BERTH_OK, "\"/usr\\nin\\n1\\n\"");
    EXPECT("{\"language\":\"bash\",\"code\":\"echo $1\",\"args\":[\"${A}-${NONE}\"],\"env\":{\"A\":\"1\"}}", BERTH_OK,
           "\"1-${NONE}\\n\"");
    EXPECT("{\"language\":\"bash\",\"code\":\"echo $1\",\"args\":[\"${${A}${A\"],\"env\":{\"A\":\"1\"}}", BERTH_OK,
           "\"${1${A\\n\"");
    /* Names are read up to 127 letters. */
    char params[600], name[129] = "";
    memset(name, 'x', 128);
    for (int letters = 127; letters <= 128; letters++) {
        snprintf(params, sizeof params, "{\"language\":\"bash\",\"code\":\"echo ${#1}\",\"args\":[\"${%.*s}\"],\"env\":{\"%.*s\":\"v\"}}",
                 letters, name, letters, name);
        EXPECT(params, BERTH_OK, letters == 127 ? "\"1\\n\"" : "\"131\\n\"");
    }
    EXPECT("{\"language\":\"bash\",\"code\":\"echo out; echo err >&2; exit 4\"}", BERTH_RETRY, "exit status 4: err");
    struct outcome lines = attempt("{}", "{\"language\":\"bash\",\"code\":\"echo one; echo two; echo three >&2\"}");
    if (lines.logs != 3) failures++, fprintf(stderr, "%d log lines\n", lines.logs);
}

static void allows_what_the_operator_lists(void) {
    EXPECT("{\"interpreter\":\"/bin/bash\",\"code\":\"echo\"}", BERTH_FAIL_PARAMS, "\"/bin/bash\" is not allowed");
    EXPECT("{\"interpreter\":\"rm\",\"code\":\"echo\"}", BERTH_FAIL_PARAMS, "\"rm\" is not allowed");
    EXPECT("{\"interpreter\":\"${X}\",\"code\":\"echo\",\"env\":{\"X\":\"rm\"}}", BERTH_FAIL_PARAMS, "\"rm\" is not allowed");
    expect(__LINE__, "{\"interpreters\":[\"/bin/bash\"]}", "{\"interpreter\":\"/bin/bash\",\"code\":\"echo a\"}", BERTH_OK, "a");
    expect(__LINE__, "{\"interpreters\":[\"sh\"]}", "{\"language\":\"bash\",\"code\":\"echo\"}", BERTH_FAIL_PARAMS,
           "\"bash\" is not allowed");
    expect(__LINE__, "{\"interpreters\":\"sh\"}", "{\"language\":\"bash\",\"code\":\"echo\"}", BERTH_FAIL_CONFIG, "array");
}

/* What is misspelt would be a restriction that is off. */
static void knows_every_word_of_its_config(void) {
    const char *params = "{\"language\":\"bash\",\"code\":\"echo\"}";
    expect(__LINE__, "{\"interpeters\":[\"sh\"]}", params, BERTH_FAIL_CONFIG, "config has no \"interpeters\"; did you mean \"interpreters\"?");
    expect(__LINE__, "{\"Folders\":[]}", params, BERTH_FAIL_CONFIG, "did you mean \"folders\"?");
    expect(__LINE__, "{\"roots\":[]}", params, BERTH_FAIL_CONFIG, "it knows interpreters, folders");
}

static void refuses_nonsense(void) {
    EXPECT("{}", BERTH_FAIL_PARAMS, "\"language\"");
    EXPECT("[]", BERTH_FAIL_PARAMS, "object");
    EXPECT("{\"language\":\"cobol\",\"code\":\"x\"}", BERTH_FAIL_PARAMS, "\"cobol\" is no language");
    EXPECT("{\"language\":\"bash\"}", BERTH_FAIL_PARAMS, "\"code\"");
    EXPECT("{\"language\":\"bash\",\"code\":\" \\n\"}", BERTH_FAIL_PARAMS, "empty");
    EXPECT("{\"language\":\"bash\",\"code\":\"x\",\"file\":\"y\"}", BERTH_FAIL_PARAMS, "either");
    EXPECT("{\"language\":\"bash\",\"code\":\"x\",\"type\":\"url\"}", BERTH_FAIL_PARAMS, "inline or file");
    EXPECT("{\"language\":\"bash\",\"code\":7}", BERTH_FAIL_PARAMS, "text");
    EXPECT("{\"language\":\"bash\",\"code\":\"x\",\"args\":\"a\"}", BERTH_FAIL_PARAMS, "array");
    EXPECT("{\"language\":\"bash\",\"type\":\"file\"}", BERTH_FAIL_PARAMS, "\"file\" must be a text");
}

static void make_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) exit(1);
}

/* A path is judged by what it leads to. */
static void keeps_files_inside_the_folders(void) {
    char config[PATH_MAX], params[2 * PATH_MAX], path[PATH_MAX];
    snprintf(config, sizeof config, "{\"folders\":[\"%s/allowed/\"]}", folder);
    snprintf(path, sizeof path, "%s/allowed", folder), mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/allowed-not", folder), mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/allowed/in.sh", folder), make_file(path, "echo inside ${0##*/}");
    snprintf(path, sizeof path, "%s/allowed-not/out.sh", folder), make_file(path, "echo outside");
    snprintf(path, sizeof path, "%s/allowed/link.sh", folder);
    if (symlink("../allowed-not/out.sh", path) != 0) exit(1);
    snprintf(path, sizeof path, "%s/allowed/inner.sh", folder);
    if (symlink("in.sh", path) != 0) exit(1);
    const struct {
        const char *file;
        berth_status code;
        const char *part;
    } cases[] = {
        {"allowed/in.sh", BERTH_OK, "inside in.sh"},
        {"allowed/../allowed/in.sh", BERTH_FAIL_PARAMS, "leads out"},
        {"allowed/inner.sh", BERTH_OK, "inside in.sh"},
        {"allowed/link.sh", BERTH_FAIL_PARAMS, "leads out"},
        {"allowed/../allowed-not/out.sh", BERTH_FAIL_PARAMS, "leads out"},
        {"allowed-not/out.sh", BERTH_FAIL_PARAMS, "none of the allowed folders"},
        {"allowed/none.sh", BERTH_FAIL_PARAMS, "No such file"},
        {"allowed", BERTH_FAIL_PARAMS, "is no file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(params, sizeof params, "{\"language\":\"bash\",\"type\":\"file\",\"file\":\"%s/%s\"}", folder, cases[i].file);
        expect(__LINE__, config, params, cases[i].code, cases[i].part);
    }
    snprintf(params, sizeof params, "{\"language\":\"bash\",\"file\":\"${D}/in.sh\",\"env\":{\"D\":\"%s/allowed\"}}", folder);
    expect(__LINE__, config, params, BERTH_OK, "inside in.sh");
}

int main(int argc, char **argv) {
    library = argc > 1 ? argv[1] : "./script.so";
    if (!mkdtemp(folder)) return 1;
    runs_each_language();
    gives_surroundings();
    allows_what_the_operator_lists();
    knows_every_word_of_its_config();
    refuses_nonsense();
    keeps_files_inside_the_folders();
    char remove[PATH_MAX];
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    if (system(remove) != 0) failures++;
    if (failures == 0) puts("script: all tests passed");
    return failures != 0;
}
