/* Unit tests of the built plugin file, against the server beside them: ./test http.so ./server */
#include "fake_host.h"

#include <pthread.h>
#include <sys/wait.h>

static int failures;
static const char *library;
static char folder[] = "/tmp/berth-http-XXXXXX";
static int plain, safe;

/* ---- secrets ---------------------------------------------------------------------------------------------------- */

static char authority[8192];

static berth_status get_secret(const char *name, size_t name_length, void *buffer, size_t *length) {
    const char *value = NULL;
    if (name_length == 5 && memcmp(name, "token", 5) == 0) value = "s3cret";
    if (name_length == 2 && memcmp(name, "ca", 2) == 0) value = authority;
    if (!value) return BERTH_NOT_FOUND;
    size_t room = *length;
    *length = strlen(value);
    if (*length > room) return BERTH_TOO_LARGE;
    memcpy(buffer, value, *length);
    return BERTH_OK;
}

static const void *extension(const char *id) {
    static const berth_secret secrets = {.struct_size = sizeof(berth_secret), .get = get_secret};
    return strcmp(id, BERTH_EXTENSION_SECRET) == 0 ? &secrets : NULL;
}

/* ---- one attempt ------------------------------------------------------------------------------------------------ */

/* What one attempt came to, in a process of its own: the configuration is read once and for ever. */
struct outcome {
    berth_status status;
    uint32_t retry_after_ms;
    size_t output_length;
    char output[8192], error[2049], log[300];
};

static void work(struct outcome *outcome, const char *config, const char *params, berth_context *context) {
    static berth_host host;
    host = fake_host;
    host.extension = extension;
    berth_plugin plugin = {.struct_size = sizeof plugin};
    void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    berth_entry entry = NULL;
    if (loaded) *(void **)&entry = dlsym(loaded, BERTH_ENTRY_SYMBOL);
    if (!entry || entry(&host, &plugin) != BERTH_OK) exit(1);
    plugin.start(config, strlen(config));
    outcome->status = fake_run(&plugin, "request", params, context);
    outcome->retry_after_ms = context->retry_after_ms;
    outcome->output_length = context->output_length;
    fake_keep(outcome->output, sizeof outcome->output, context->output, context->output_length);
    fake_keep(outcome->error, sizeof outcome->error, context->error, strlen(context->error));
    fake_keep(outcome->log, sizeof outcome->log, context->log, strlen(context->log));
}

/* `PLAIN` and `SAFE` in the params stand for the addresses of the server. */
static char *placed(const char *params) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    while (*params) {
        int is_plain = strncmp(params, "PLAIN", 5) == 0, is_safe = strncmp(params, "SAFE", 4) == 0;
        int is_folder = strncmp(params, "FOLDER", 6) == 0;
        if (is_plain) fprintf(out, "http://127.0.0.1:%d", plain);
        else if (is_safe) fprintf(out, "https://127.0.0.1:%d", safe);
        else if (is_folder) fprintf(out, "%s", folder);
        else fputc(*params, out);
        params += is_plain ? 5 : is_safe ? 4 : is_folder ? 6 : 1;
    }
    fclose(out);
    return text;
}

static struct outcome attempt(const char *config, const char *params) {
    int ends[2];
    struct outcome outcome = {.status = -1};
    if (pipe(ends) != 0) exit(1);
    pid_t child = fork();
    if (child == 0) {
        berth_context context = fake_attempt();
        work(&outcome, config, placed(params), &context);
        const char *bytes = (const char *)&outcome;
        for (size_t done = 0; done < sizeof outcome;) {
            ssize_t written = write(ends[1], bytes + done, sizeof outcome - done);
            if (written < 0) _exit(1);
            done += (size_t)written;
        }
        _exit(0);
    }
    close(ends[1]);
    size_t done = 0;
    for (ssize_t length; (length = read(ends[0], (char *)&outcome + done, sizeof outcome - done)) > 0;) done += (size_t)length;
    if (done != sizeof outcome) outcome.status = -1;
    close(ends[0]);
    waitpid(child, NULL, 0);
    return outcome;
}

/* Compares the code and a part of the output or, when it failed, of the reason. */
static struct outcome expect(int line, const char *config, const char *params, berth_status code, const char *part) {
    struct outcome outcome = attempt(config, params);
    if (outcome.status == code && strstr(code == BERTH_OK ? outcome.output : outcome.error, part)) return outcome;
    fprintf(stderr, "test.c:%d: %s %s\n  -> %d, output %s, reason %s\n", line, config, params, outcome.status, outcome.output,
            outcome.error);
    failures++;
    return outcome;
}

#define EXPECT(params, code, part) expect(__LINE__, "{}", params, code, part)
#define CHECK(truth) \
    do { \
        if (truth) break; \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
        failures++; \
    } while (0)

/* ---- tests ------------------------------------------------------------------------------------------------------ */

static void asks_as_it_is_told(void) {
    EXPECT("{\"url\":\"PLAIN/echo?a=1\",\"query\":{\"b\":\"x y&z\"}}", BERTH_OK, "\\\"path\\\":\\\"/echo?a=1&b=x+y%26z\\\"");
    EXPECT("{\"url\":\"PLAIN/\"}", BERTH_OK, "\\\"method\\\":\\\"GET\\\"");
    EXPECT("{\"url\":\"PLAIN/\",\"headers\":{\"X-One\":\"1\",\"X-Empty\":\"\"}}", BERTH_OK, "X-One: 1\\\\u000d\\\\u000aX-Empty:");
    EXPECT("{\"url\":\"PLAIN/\",\"headers\":{\"User-Agent\":\"mine\"}}", BERTH_OK, "User-Agent: mine");
    const char *methods[] = {"post", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < 5; i++) {
        char params[200];
        snprintf(params, sizeof params, "{\"url\":\"PLAIN/\",\"method\":\"%s\"}", methods[i]);
        EXPECT(params, BERTH_OK, i ? methods[i] : "POST");
    }
    EXPECT("{\"url\":\"PLAIN/\",\"method\":\"HEAD\"}", BERTH_OK, "\"body\":\"\"");
    struct outcome plain_one = EXPECT("{\"url\":\"PLAIN/status/201\"}", BERTH_OK, "\"status\":201,\"url\":\"http://127.0.0.1:");
    CHECK(strstr(plain_one.output, "\"x-server\":\"Tests\"") && strstr(plain_one.output, "\"body\":\"status 201\""));
    CHECK(strncmp(plain_one.log, "201 after ", 10) == 0);
    EXPECT("{\"url\":\"PLAIN/chunks\"}", BERTH_OK, "\"body\":\"one two\"");
}

static void sends_bodies(void) {
    struct outcome json = EXPECT("{\"url\":\"PLAIN/\",\"method\":\"POST\",\"body\":{\"n\": 1.50, \"t\":\"a ${A} ${B}\"},"
                                 "\"env\":{\"A\":\"q\\\"\"}}", BERTH_OK, "Content-Type: application/json");
    CHECK(strstr(json.output, "\\\\u0022n\\\\u0022: 1.50") && strstr(json.output, "a q\\\\u005c\\\\u0022 ${B}"));
    EXPECT("{\"url\":\"PLAIN/\",\"method\":\"POST\",\"body\":\"text\"}", BERTH_OK, "\\\"body\\\":\\\"\\\\u0022text\\\\u0022\\\"");
    EXPECT("{\"url\":\"PLAIN/\",\"method\":\"PUT\",\"body_text\":\"a=${A}\",\"env\":{\"A\":\"1\"}}", BERTH_OK,
           "\\\"body\\\":\\\"a=1\\\"");
    EXPECT("{\"url\":\"PLAIN/\",\"method\":\"POST\",\"body_text\":\"x\",\"headers\":{\"content-type\":\"a/b\"}}", BERTH_OK, "a/b");
    EXPECT("{\"url\":\"PLAIN/\",\"body\":{}}", BERTH_OK, "\\\"body\\\":\\\"\\\"");
    EXPECT("{\"url\":\"PLAIN/${P}\",\"headers\":{\"X\":\"${P}\"},\"env\":{\"P\":\"there\"}}", BERTH_OK, "/there");
}

static void judges_the_status(void) {
    EXPECT("{\"url\":\"PLAIN/status/204\"}", BERTH_OK, "\"status\":204");
    EXPECT("{\"url\":\"PLAIN/status/404\"}", BERTH_FAIL, "answered 404: status 404");
    EXPECT("{\"url\":\"PLAIN/status/500\"}", BERTH_RETRY, "answered 500: status 500");
    EXPECT("{\"url\":\"PLAIN/status/501\"}", BERTH_FAIL, "501");
    EXPECT("{\"url\":\"PLAIN/status/404\",\"expected_status\":[200,404]}", BERTH_OK, "404");
    EXPECT("{\"url\":\"PLAIN/status/200\",\"expected_status\":[204]}", BERTH_FAIL, "answered 200");
    CHECK(EXPECT("{\"url\":\"PLAIN/retry/503/7\"}", BERTH_RETRY_BUSY, "503").retry_after_ms == 7000);
    CHECK(EXPECT("{\"url\":\"PLAIN/retry/429/9999999\"}", BERTH_RETRY_BUSY, "429").retry_after_ms == 86400000);
    CHECK(EXPECT("{\"url\":\"PLAIN/retry/404/7\"}", BERTH_FAIL, "404").retry_after_ms == 0);
    CHECK(strstr(EXPECT("{\"url\":\"PLAIN/status/500\"}", BERTH_RETRY, "").output, "\"body\":\"status 500\""));
}

static void follows_redirects(void) {
    struct outcome posted = EXPECT("{\"url\":\"PLAIN/redirect/302?/echo\",\"method\":\"POST\",\"body\":1}", BERTH_OK,
                                   "\"redirects\":1");
    CHECK(strstr(posted.output, "\\\"method\\\":\\\"GET\\\"") && !strstr(posted.output, "Content-Length"));
    EXPECT("{\"url\":\"PLAIN/redirect/307?/echo\",\"method\":\"POST\",\"body_text\":\"kept\"}", BERTH_OK, "\\\"body\\\":\\\"kept\\\"");
    EXPECT("{\"url\":\"PLAIN/redirect/303?/echo\",\"method\":\"PUT\",\"body\":1}", BERTH_OK, "\\\"method\\\":\\\"GET\\\"");
    EXPECT("{\"url\":\"PLAIN/redirect/302?/echo\",\"redirects\":0}", BERTH_OK, "\"status\":302");
    EXPECT("{\"url\":\"PLAIN/redirect/302?/redirect/302\",\"redirects\":1}", BERTH_FAIL_PARAMS, "more than 1 redirects");
    EXPECT("{\"url\":\"PLAIN/redirect/302?ftp://127.0.0.1/\"}", BERTH_FAIL_PARAMS, "must begin with http");
    EXPECT("{\"url\":\"PLAIN/redirect/302?file:///etc/passwd\"}", BERTH_FAIL_PARAMS, "must begin with http");
}

static void keeps_credentials_to_their_server(void) {
    char params[400];
    const char *format = "{\"url\":\"PLAIN/redirect/302?http://%s:%d/echo\",\"auth\":{\"type\":\"bearer\",\"token\":\"t0ken\"},"
                         "\"secret_headers\":{\"X-Key\":\"token\"},\"headers\":{\"X-Plain\":\"1\"}}";
    snprintf(params, sizeof params, format, "localhost", plain);
    struct outcome other = EXPECT(params, BERTH_OK, "X-Plain: 1");
    CHECK(!strstr(other.output, "t0ken") && !strstr(other.output, "s3cret"));
    snprintf(params, sizeof params, format, "127.0.0.1", plain);
    struct outcome same = EXPECT(params, BERTH_OK, "Bearer t0ken");
    CHECK(strstr(same.output, "X-Key: s3cret"));
}

static void says_who_asks(void) {
    EXPECT("{\"url\":\"PLAIN/\",\"auth\":{\"type\":\"basic\",\"username\":\"ada\",\"password\":\"pass\"}}", BERTH_OK,
           "Authorization: Basic YWRhOnBhc3M=");
    EXPECT("{\"url\":\"PLAIN/\",\"auth\":{\"type\":\"bearer\",\"token_secret\":\"token\"}}", BERTH_OK, "Bearer s3cret");
    EXPECT("{\"url\":\"PLAIN/\",\"auth\":{\"type\":\"bearer\",\"token_secret\":\"none\"}}", BERTH_FAIL_PARAMS, "no secret \"none\"");
    EXPECT("{\"url\":\"PLAIN/\",\"auth\":{\"type\":\"bearer\"}}", BERTH_FAIL_PARAMS, "needs \"token\"");
    EXPECT("{\"url\":\"PLAIN/\",\"auth\":{\"type\":\"digest\"}}", BERTH_FAIL_PARAMS, "basic or bearer");
    EXPECT("{\"url\":\"http://ada:pass@127.0.0.1/\"}", BERTH_FAIL_PARAMS, "\"auth\"");
}

static void believes_whom_it_should(void) {
    EXPECT("{\"url\":\"SAFE/\"}", BERTH_FAIL_CONFIG, "tls.ca_file");
    EXPECT("{\"url\":\"SAFE/\",\"tls\":{\"ca_file\":\"FOLDER/ca.pem\"}}", BERTH_OK, "\\\"client\\\":\\\"\\\"");
    EXPECT("{\"url\":\"SAFE/\",\"tls\":{\"ca_secret\":\"ca\"}}", BERTH_OK, "\"status\":200");
    EXPECT("{\"url\":\"SAFE/\",\"tls\":{\"ca_file\":\"FOLDER/none.pem\"}}", BERTH_FAIL_CONFIG, "access.read");
    EXPECT("{\"url\":\"SAFE/\",\"tls\":{\"verify\":false}}", BERTH_FAIL_PARAMS, "unverified_tls");
    expect(__LINE__, "{\"unverified_tls\":true}", "{\"url\":\"SAFE/\",\"tls\":{\"verify\":false}}", BERTH_OK, "\"status\":200");
    EXPECT("{\"url\":\"SAFE/\",\"tls\":{\"ca_secret\":\"ca\",\"key\":\"x\"}}", BERTH_FAIL_PARAMS, "the other way round");
}

static void bounds_what_it_keeps(void) {
    struct outcome outcome = EXPECT("{\"url\":\"PLAIN/bytes/3000000\",\"response_bytes\":1000}", BERTH_OK, "\"body_bytes\":3000000,"
                                    "\"body_truncated\":true");
    CHECK(outcome.output_length < 2000);
    CHECK(EXPECT("{\"url\":\"PLAIN/bytes/3000000\"}", BERTH_OK, "xxx").output_length > 1 << 20);
    EXPECT("{\"url\":\"PLAIN/bytes/1000\",\"response_bytes\":1000}", BERTH_OK, "\"body_truncated\":false");
}

static void follows_the_operator(void) {
    const char *local = "{\"hosts\":[\"127.0.0.*\"]}", *other = "{\"hosts\":[\"*.example.org\"]}";
    expect(__LINE__, local, "{\"url\":\"PLAIN/\"}", BERTH_OK, "200");
    expect(__LINE__, other, "{\"url\":\"PLAIN/\"}", BERTH_FAIL_PARAMS, "not among the hosts");
    expect(__LINE__, local, "{\"url\":\"PLAIN/redirect/302?http://localhost/\"}", BERTH_FAIL_PARAMS, "localhost:80 is not among");
    expect(__LINE__, "{\"hosts\":[\"127.0.0.1:1\"]}", "{\"url\":\"PLAIN/\"}", BERTH_FAIL_PARAMS, "not among the hosts");
    const char *closed = "{\"private_addresses\":false}";
    expect(__LINE__, closed, "{\"url\":\"PLAIN/\"}", BERTH_FAIL_PARAMS, "its address is private");
    expect(__LINE__, closed, "{\"url\":\"http://[::ffff:127.0.0.1]/\"}", BERTH_FAIL_PARAMS, "its address is private");
    expect(__LINE__, closed, "{\"url\":\"http://0x7f000001/\"}", BERTH_FAIL_PARAMS, "its address is private");
    expect(__LINE__, "{\"hosts\":7}", "{\"url\":\"PLAIN/\"}", BERTH_FAIL_CONFIG, "array");
}

/* What is misspelt would be a restriction that is off. */
static void knows_every_word_of_its_config(void) {
    const char *params = "{\"url\":\"PLAIN/\"}";
    expect(__LINE__, "{\"hostss\":[\"h\"]}", params, BERTH_FAIL_CONFIG, "config has no \"hostss\"; did you mean \"hosts\"?");
    expect(__LINE__, "{\"private_adresses\":false}", params, BERTH_FAIL_CONFIG, "did you mean \"private_addresses\"?");
    expect(__LINE__, "{\"only\":[\"h\"]}", params, BERTH_FAIL_CONFIG, "it knows hosts, private_addresses, unverified_tls");
    expect(__LINE__, "[]", params, BERTH_FAIL_CONFIG, "config must be an object");
    expect(__LINE__, "", params, BERTH_OK, "");
}

static void tells_what_is_down(void) {
    EXPECT("{\"url\":\"http://127.0.0.1:1/?secret=1\"}", BERTH_RETRY_DEPENDENCY, "GET http://127.0.0.1:1/: ");
    EXPECT("{\"url\":\"PLAIN/drop\"}", BERTH_RETRY_DEPENDENCY, "/drop: ");
}

static void refuses_nonsense(void) {
    EXPECT("[]", BERTH_FAIL_PARAMS, "object");
    EXPECT("{}", BERTH_FAIL_PARAMS, "\"url\"");
    EXPECT("{\"url\":\"nothing here\"}", BERTH_FAIL_PARAMS, "is no URL");
    EXPECT("{\"url\":\"ftp://127.0.0.1/\"}", BERTH_FAIL_PARAMS, "must begin with http");
    EXPECT("{\"url\":\"PLAIN/\",\"method\":\"TRACE\"}", BERTH_FAIL_PARAMS, "\"method\"");
    EXPECT("{\"url\":\"PLAIN/\",\"headers\":{\"X\":\"a\\r\\nY: b\"}}", BERTH_FAIL_PARAMS, "no header may have");
    EXPECT("{\"url\":\"PLAIN/\",\"headers\":{\"X Y\":\"a\"}}", BERTH_FAIL_PARAMS, "no header may have");
    EXPECT("{\"url\":\"PLAIN/\",\"headers\":{\"X\":7}}", BERTH_FAIL_PARAMS, "texts");
    EXPECT("{\"url\":\"PLAIN/\",\"query\":[]}", BERTH_FAIL_PARAMS, "\"query\"");
    EXPECT("{\"url\":\"PLAIN/\",\"expected_status\":[\"a\"]}", BERTH_FAIL_PARAMS, "\"expected_status\"");
    EXPECT("{\"url\":\"PLAIN/\",\"redirects\":51}", BERTH_FAIL_PARAMS, "\"redirects\"");
    EXPECT("{\"url\":\"PLAIN/\",\"method\":\"POST\",\"body\":1,\"body_text\":\"2\"}", BERTH_FAIL_PARAMS, "either");
}

static void *ask(void *given) {
    berth_context *context = given;
    while (*(volatile int *)&context->log_count == 0) usleep(1000);
    fake_ask(context, BERTH_STOP_ASKED, BERTH_STOP_CANCEL);
    return NULL;
}

/* In a process of its own, so that a request that does not end is seen. */
static void ends_when_asked(int has_descriptor, int is_late, berth_status code) {
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        struct outcome outcome;
        berth_context context = fake_attempt();
        if (!has_descriptor) context.cancel_descriptor = -1;
        if (is_late) context.deadline_ns = 1;
        pthread_t asker;
        pthread_create(&asker, NULL, ask, &context);
        work(&outcome, "{}", placed("{\"url\":\"PLAIN/hang\"}"), &context);
        _exit(outcome.status == code ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
}

/* ---- the server ------------------------------------------------------------------------------------------------- */

/* Ends with us: its input does. */
static void start_server(const char *program) {
    int in[2], out[2];
    if (!mkdtemp(folder) || pipe(in) != 0 || pipe(out) != 0) exit(1);
    if (fork() == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        execl(program, program, folder, NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    FILE *ports = fdopen(out[0], "r");
    if (!ports || fscanf(ports, "%d %d", &plain, &safe) != 2) exit(1);
    char path[100];
    snprintf(path, sizeof path, "%s/ca.pem", folder);
    FILE *file = fopen(path, "r");
    if (!file || fread(authority, 1, sizeof authority - 1, file) == 0) exit(1);
    fclose(file);
}

int main(int argc, char **argv) {
    library = argc > 1 ? argv[1] : "./http.so";
    start_server(argc > 2 ? argv[2] : "build/server");
    asks_as_it_is_told();
    sends_bodies();
    judges_the_status();
    follows_redirects();
    keeps_credentials_to_their_server();
    says_who_asks();
    believes_whom_it_should();
    bounds_what_it_keeps();
    follows_the_operator();
    knows_every_word_of_its_config();
    tells_what_is_down();
    refuses_nonsense();
    ends_when_asked(1, 0, BERTH_CANCELLED);
    ends_when_asked(0, 0, BERTH_CANCELLED);
    ends_when_asked(1, 1, BERTH_TIMED_OUT);
    char remove[100];
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    if (system(remove) != 0) failures++;
    if (failures == 0) puts("http: all tests passed");
    return failures != 0;
}
