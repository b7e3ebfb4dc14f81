/* Unit tests of the built plugin file, against a stand-in for the engine: ./test container.so */
#include "fake_host.h"
#include "frames.h"
#include "tests/engine_stand_in.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int failures;
static const char *library;
static char folder[] = "/tmp/berth-container-XXXXXX";

#define CHECK(truth) \
    do { \
        if (truth) break; \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
        failures++; \
    } while (0)

/* ---- one attempt ------------------------------------------------------------------------------------------------ */

struct outcome {
    berth_status status;
    int logs;
    uint64_t progress;
    char output[4096], error[2049], log[300];
};

static berth_status get_secret(const char *name, size_t name_length, void *buffer, size_t *length) {
    if (name_length != 4 || memcmp(name, "pass", 4) != 0) return BERTH_NOT_FOUND;
    memcpy(buffer, "word", 4);
    *length = 4;
    return BERTH_OK;
}

static const void *extension(const char *id) {
    static const berth_secret secrets = {.struct_size = sizeof(berth_secret), .get = get_secret};
    return strcmp(id, BERTH_EXTENSION_SECRET) == 0 ? &secrets : NULL;
}

static berth_status ids(berth_context *c, berth_ids *out) {
    fake_ids(c, out);
    out->traceparent = "00-aa-bb-01";
    out->traceparent_length = 11;
    return BERTH_OK;
}

struct asking {
    berth_context *context;
    int asks_twice;
};

/* Once the container has printed something. */
static void *ask(void *given) {
    struct asking *asking = given;
    while (*(volatile int *)&asking->context->log_count < 3) usleep(1000);
    fake_ask(asking->context, BERTH_STOP_ASKED, BERTH_STOP_CANCEL);
    if (!asking->asks_twice) return NULL;
    usleep(100000);
    fake_ask(asking->context, BERTH_LAST_CALL, BERTH_STOP_CANCEL);
    return NULL;
}

/* `stops`: 0 never, 1 asks, 2 asks and insists. */
static void work(struct outcome *outcome, const char *component, const char *config, const char *params, int stops) {
    static berth_host host;
    host = fake_host, host.extension = extension, host.ids = ids;
    berth_plugin plugin = {.struct_size = sizeof plugin};
    void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    berth_entry entry = NULL;
    if (loaded) *(void **)&entry = dlsym(loaded, BERTH_ENTRY_SYMBOL);
    if (!entry || entry(&host, &plugin) != BERTH_OK) exit(1);
    plugin.start(config, strlen(config));
    berth_context context = fake_attempt();
    struct asking asking = {&context, stops == 2};
    pthread_t asker;
    if (stops) pthread_create(&asker, NULL, ask, &asking);
    outcome->status = fake_run(&plugin, component, params, &context);
    outcome->logs = context.log_count;
    outcome->progress = context.progress_total;
    fake_keep(outcome->output, sizeof outcome->output, context.output, context.output_length);
    fake_keep(outcome->error, sizeof outcome->error, context.error, strlen(context.error));
    fake_keep(outcome->log, sizeof outcome->log, context.log, strlen(context.log));
}

/* In a process of its own: the configuration is read once. `more` is configuration beside the socket. */
static struct outcome attempt(const char *component, const char *more, const char *params, int stops) {
    struct outcome outcome = {.status = -1};
    char config[PATH_MAX + 200];
    int ends[2];
    snprintf(config, sizeof config, "{\"socket\":\"%s/engine.sock\"%s%s}", folder, *more ? "," : "", more);
    *stand_in->asked = 0;
    if (pipe(ends) != 0) exit(1);
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        work(&outcome, component, config, params, stops);
        _exit(write(ends[1], &outcome, sizeof outcome) != sizeof outcome);
    }
    close(ends[1]);
    size_t done = 0;
    for (ssize_t part; (part = read(ends[0], (char *)&outcome + done, sizeof outcome - done)) > 0;) done += (size_t)part;
    close(ends[0]);
    waitpid(child, NULL, 0);
    return outcome;
}

static struct outcome expect(int line, const char *component, const char *more, const char *params, berth_status code, const char *part) {
    struct outcome outcome = attempt(component, more, params, 0);
    if (outcome.status == code && strstr(code == BERTH_OK ? outcome.output : outcome.error, part)) return outcome;
    fprintf(stderr, "test.c:%d: %s\n  -> %d, output %s, reason %s\n", line, params, outcome.status, outcome.output, outcome.error);
    failures++;
    return outcome;
}

#define RUN(params, code, part) expect(__LINE__, "run", "", params, code, part)
#define ACT(params, code, part) expect(__LINE__, "action", "", params, code, part)
#define WAS_ASKED(text) (strstr(stand_in->asked, text) != NULL)

/* ---- tests ------------------------------------------------------------------------------------------------------ */

static void runs_to_the_end_and_tidies_up(void) {
    struct outcome ok = RUN("{\"image\":\"ok\",\"command\":[\"echo\",\"a b\"],\"env\":{\"A\":\"1\"},\"user\":\"7\",\"cwd\":\"/w\",\"name\":\"n\"}",
                            BERTH_OK, "\"status\":\"exited\",\"exit_code\":0,\"stdout\":\"hello world\\nsecond\",\"stdout_truncated\":false}");
    CHECK(ok.logs == 4);
    CHECK(WAS_ASKED("POST /containers/create?name=n") && WAS_ASKED("\"Cmd\":[\"echo\",\"a b\"]") && WAS_ASKED("\"Env\":[\"A=1\"]"));
    CHECK(WAS_ASKED("\"User\":\"7\"") && WAS_ASKED("\"WorkingDir\":\"/w\"") && WAS_ASKED("no-new-privileges"));
    CHECK(WAS_ASKED("\"berth.run\":\"00-aa-bb-01/42\"") && WAS_ASKED("DELETE /containers/0000?v=1&force=1"));
    RUN("{\"image\":\"fail\"}", BERTH_RETRY, "exit status 3: it is bad");
    CHECK(WAS_ASKED("DELETE /containers/0001"));
    CHECK(strstr(attempt("run", "", "{\"image\":\"fail\"}", 0).output, "\"exit_code\":3"));
    RUN("{\"image\":\"ok\",\"remove\":false}", BERTH_OK, "hello");
    CHECK(!WAS_ASKED("DELETE"));
    RUN("{\"image\":\"broken\"}", BERTH_FAIL, "cannot start the container: exec: nothing: not found (400)");
    CHECK(WAS_ASKED("DELETE"));
    RUN("{\"image\":\"conflict\",\"name\":\"n\"}", BERTH_RETRY, "the name is in use");
    RUN("{\"image\":\"tty\"}", BERTH_OK, "\"exit_code\":0");
}

static void leaves_running_what_it_detaches(void) {
    RUN("{\"image\":\"hang\",\"detach\":true,\"restart\":\"always\",\"ports\":[\"8080:80\",\"127.0.0.1:53:53/udp\"]}", BERTH_OK,
        "\"status\":\"running\"}");
    CHECK(!WAS_ASKED("DELETE") && !WAS_ASKED("/wait") && WAS_ASKED("\"RestartPolicy\":{\"Name\":\"always\"}"));
    CHECK(WAS_ASKED("\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"}],\"53/udp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"53\"}]"));
    CHECK(WAS_ASKED("\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}}"));
    RUN("{\"image\":\"ok\",\"restart\":\"always\"}", BERTH_FAIL_PARAMS, "\"detach\"");
    RUN("{\"image\":\"hang\",\"detach\":true,\"remove\":true}", BERTH_OK, "\"status\":\"running\"}");
    CHECK(!WAS_ASKED("DELETE") && WAS_ASKED("\"AutoRemove\":true"));
}

static void removes_what_an_attempt_before_left(void) {
    strcpy(stand_in->leftovers, "[{\"Id\":\"0099\"}]");
    RUN("{\"image\":\"ok\"}", BERTH_OK, "hello");
    CHECK(WAS_ASKED("GET /containers/json?all=1&filters=%7B%22label%22%3A%5B%22berth.run%3D00-aa-bb-01%2F42%22%5D%7D\n"));
    CHECK(WAS_ASKED("DELETE /containers/0099?v=1&force=1"));
}

/* By `remove`: it was kept to be looked at. */
static void leaves_what_an_attempt_before_was_to_leave(void) {
    static const char kept[] = "[{\"Id\":\"0098\",\"State\":\"exited\",\"Labels\":{\"berth.kept\":\"true\"}},"
                               "{\"Id\":\"0097\",\"State\":\"running\",\"Labels\":{\"berth.kept\":\"true\"}},"
                               "{\"Id\":\"0096\",\"State\":\"exited\",\"Labels\":{}}]";
    RUN("{\"image\":\"fail\",\"remove\":false}", BERTH_RETRY, "exit status 3");
    CHECK(WAS_ASKED("\"berth.kept\":\"true\"") && !WAS_ASKED("DELETE"));
    strcpy(stand_in->leftovers, kept);
    RUN("{\"image\":\"ok\",\"remove\":false}", BERTH_OK, "hello");
    CHECK(!WAS_ASKED("DELETE /containers/0098") && WAS_ASKED("DELETE /containers/0097") && WAS_ASKED("DELETE /containers/0096"));
    strcpy(stand_in->leftovers, kept);
    RUN("{\"image\":\"ok\",\"remove\":false,\"name\":\"n\"}", BERTH_OK, "hello");
    CHECK(WAS_ASKED("DELETE /containers/0098"));
    RUN("{\"image\":\"ok\"}", BERTH_OK, "hello");
    CHECK(!WAS_ASKED("berth.kept"));
}

static void pulls_by_its_policy(void) {
    RUN("{\"image\":\"absent\",\"pull\":\"never\"}", BERTH_FAIL, "is not here");
    CHECK(!WAS_ASKED("/images/create"));
    struct outcome pulled = RUN("{\"image\":\"absent\"}", BERTH_OK, "hello");
    CHECK(WAS_ASKED("POST /images/create?fromImage=absent&tag=latest\n") && pulled.progress == 10 && pulled.logs == 7);
    RUN("{\"image\":\"absent\"}", BERTH_OK, "hello");
    CHECK(!WAS_ASKED("/images/create"));
    RUN("{\"image\":\"r.example:5000/ok:1\",\"pull\":\"always\",\"registry\":{\"username\":\"u\",\"password_secret\":\"pass\"}}", BERTH_OK, "hello");
    CHECK(WAS_ASKED("POST /images/create?fromImage=r.example%3A5000%2Fok%3A1 with credentials"));
    ACT("{\"action\":\"pull\",\"image\":\"ok\",\"registry\":{\"username\":\"u\",\"password\":\"p\"}}", BERTH_OK, "pull");
    CHECK(WAS_ASKED("POST /images/create?fromImage=ok&tag=latest with credentials"));
    RUN("{\"image\":\"forbidden\"}", BERTH_RETRY_DEPENDENCY, "cannot pull the image forbidden: access denied");
    RUN("{\"image\":\"ok\",\"registry\":{\"username\":\"u\",\"password_secret\":\"none\"}}", BERTH_FAIL_PARAMS, "no secret \"none\"");
}

static void passes_on_stop_and_kill(void) {
    CHECK(attempt("run", "", "{\"image\":\"hang\"}", 1).status == BERTH_CANCELLED);
    CHECK(WAS_ASKED("/kill?signal=SIGUSR1") && !WAS_ASKED("SIGKILL") && WAS_ASKED("DELETE"));
    CHECK(attempt("run", "", "{\"image\":\"stubborn\"}", 2).status == BERTH_CANCELLED);
    CHECK(WAS_ASKED("/kill?signal=SIGUSR1") && !WAS_ASKED("SIGKILL") && WAS_ASKED("?v=1&force=1"));
    CHECK(attempt("run", "", "{\"image\":\"stubborn\",\"remove\":false}", 2).status == BERTH_CANCELLED);
    CHECK(WAS_ASKED("/kill?signal=SIGUSR1") && WAS_ASKED("/kill?signal=SIGKILL") && !WAS_ASKED("DELETE"));
}

static void mounts_what_is_allowed(void) {
    char more[PATH_MAX], params[PATH_MAX], path[PATH_MAX], bind[PATH_MAX];
    snprintf(more, sizeof more, "\"mounts\":[\"%s/in\",\"cache*\"]", folder);
    snprintf(path, sizeof path, "%s/in", folder), mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/in/data", folder), mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/in/link", folder);
    if (symlink("/etc", path) != 0) exit(1);
    snprintf(params, sizeof params, "{\"image\":\"ok\",\"volumes\":[\"%s/in/./data:/data:ro\",\"cache:/cache\"]}", folder);
    expect(__LINE__, "run", more, params, BERTH_OK, "hello");
    snprintf(bind, sizeof bind, "\"Binds\":[\"%s/in/data:/data:ro\",\"cache:/cache\"]", folder);
    CHECK(WAS_ASKED(bind));
    snprintf(params, sizeof params, "{\"image\":\"ok\",\"volumes\":[\"%s/in/link:/data\"]}", folder);
    expect(__LINE__, "run", more, params, BERTH_FAIL_PARAMS, "leads out");
    expect(__LINE__, "run", more, "{\"image\":\"ok\",\"volumes\":[\"/etc:/data\"]}", BERTH_FAIL_PARAMS, "what may be mounted");
    expect(__LINE__, "run", more, "{\"image\":\"ok\",\"volumes\":[\"secrets:/data\"]}", BERTH_FAIL_PARAMS, "the volume secrets");
    RUN("{\"image\":\"ok\",\"volumes\":[\"cache:/data\"]}", BERTH_FAIL_PARAMS, "the volume cache");
    RUN("{\"image\":\"ok\",\"volumes\":[\"/tmp:/data\"]}", BERTH_FAIL_PARAMS, "none of the allowed");
    RUN("{\"image\":\"ok\",\"volumes\":[\"../x:/data\"]}", BERTH_FAIL_PARAMS, "absolute");
    RUN("{\"image\":\"ok\",\"volumes\":[\"/tmp\"]}", BERTH_FAIL_PARAMS, "\"volumes\"");
}

static void follows_the_operator(void) {
    expect(__LINE__, "run", "\"images\":[\"team/*\"]", "{\"image\":\"ok\"}", BERTH_FAIL_PARAMS, "not among those");
    expect(__LINE__, "run", "\"images\":[\"o*\"]", "{\"image\":\"ok\"}", BERTH_OK, "hello");
    expect(__LINE__, "action", "\"containers\":[\"web-*\"]", "{\"action\":\"stop\",\"container\":\"db\"}", BERTH_FAIL_PARAMS, "not among those");
    expect(__LINE__, "action", "\"containers\":[\"1*\"]", "{\"action\":\"stop\",\"container\":\"1\"}", BERTH_FAIL_PARAMS,
           "the container web is not among those");
    expect(__LINE__, "action", "\"containers\":[\"web\"]", "{\"action\":\"stop\",\"container\":\"1\"}", BERTH_OK, "stop");
    RUN("{\"image\":\"ok\",\"network\":\"host\"}", BERTH_FAIL_PARAMS, "host_network");
    RUN("{\"image\":\"ok\",\"network\":\"ns:/proc/1/ns/net\"}", BERTH_FAIL_PARAMS, "host_network");
    RUN("{\"image\":\"ok\",\"network\":\"container:x\"}", BERTH_FAIL_PARAMS, "host_network");
    expect(__LINE__, "run", "\"host_network\":true", "{\"image\":\"ok\",\"network\":\"host\"}", BERTH_OK, "hello");
    CHECK(WAS_ASKED("\"NetworkMode\":\"host\""));
    RUN("{\"image\":\"ok\",\"memory_bytes\":1048576,\"cpus\":0.5}", BERTH_OK, "hello");
    CHECK(WAS_ASKED("\"Memory\":1048576,\"NanoCpus\":500000000"));
    expect(__LINE__, "run", "\"images\":7", "{\"image\":\"ok\"}", BERTH_FAIL_CONFIG, "arrays");
}

static void does_what_the_server_asks(void) {
    ACT("{\"action\":\"stop\",\"container\":\"web\",\"timeout\":3}", BERTH_OK, "{\"action\":\"stop\",\"container\":\"web\"}");
    CHECK(WAS_ASKED("GET /containers/web/json\nPOST /containers/1/stop?t=3\n"));
    ACT("{\"action\":\"start\",\"container\":\"web\"}", BERTH_OK, "start");
    ACT("{\"action\":\"kill\",\"container\":\"web\"}", BERTH_OK, "kill");
    ACT("{\"action\":\"remove\",\"container\":\"web\",\"force\":true,\"remove_volumes\":true}", BERTH_OK, "\"type\":\"container\",\"container\":\"web\"");
    CHECK(WAS_ASKED("DELETE /containers/1?force=1&v=1\n"));
    ACT("{\"action\":\"remove\",\"image\":\"ok\"}", BERTH_OK, "\"type\":\"image\",\"image\":\"ok\"");
    ACT("{\"action\":\"pull\",\"image\":\"ok:2\"}", BERTH_OK, "{\"action\":\"pull\",\"image\":\"ok:2\"}");
    ACT("{\"action\":\"run\",\"image\":\"ok\",\"detach\":true}", BERTH_OK, "running");
    CHECK(!WAS_ASKED("AutoRemove") && !WAS_ASKED("DELETE"));
    ACT("{\"action\":\"run\",\"image\":\"ok\",\"name\":\"\",\"network\":\"\"}", BERTH_OK, "\"exit_code\":0");
    CHECK(WAS_ASKED("POST /containers/create\n") && !WAS_ASKED("NetworkMode") && !WAS_ASKED("DELETE")); /* it stays, as there */
    ACT("{\"action\":\"run\",\"image\":\"ok\",\"remove\":true}", BERTH_OK, "\"exit_code\":0");
    CHECK(WAS_ASKED("DELETE"));
    ACT("{\"action\":\"run\",\"image\":\"hang\",\"restart\":\"always\"}", BERTH_OK, "running");
    ACT("{\"action\":\"inspect\",\"container\":\"1\"}", BERTH_OK, "\"name\":\"/web\",\"status\":\"running\",\"image\":\"i\",\"created\":\"2026-01-02T"
        "03:04:05Z\",\"health\":\"healthy\"}");
    ACT("{\"action\":\"logs\",\"container\":\"1\",\"tail\":5}", BERTH_OK, "\"logs\":\"hello world\\nsecondit is bad\\n\"}");
    CHECK(WAS_ASKED("/logs?stdout=1&stderr=1&tail=5\n"));
    struct outcome followed = ACT("{\"action\":\"logs\",\"container\":\"1\",\"follow\":true,\"timestamps\":true}", BERTH_OK, "hello");
    CHECK(WAS_ASKED("/logs?stdout=1&stderr=1&follow=1&timestamps=1\n") && followed.logs == 3);
    ACT("{\"action\":\"stop\",\"container\":\"none\"}", BERTH_FAIL, "cannot stop none: No such container: none (404)");
    ACT("{\"action\":\"stop\",\"container\":\"../images\"}", BERTH_FAIL_PARAMS, "name or id");
    ACT("{\"action\":\"build\"}", BERTH_FAIL_PARAMS, "not built");
    ACT("{\"action\":\"exec\"}", BERTH_FAIL_PARAMS, "container/run");
    ACT("{\"action\":\"prune\"}", BERTH_FAIL_PARAMS, "own tools");
    ACT("{}", BERTH_FAIL_PARAMS, "\"action\"");
}

/* What is misspelt would be a restriction that is off. */
static void knows_every_word_of_its_config(void) {
    const char *params = "{\"image\":\"debian\"}", *inspect = "{\"action\":\"inspect\",\"container\":\"c\"}";
    expect(__LINE__, "run", "\"image\":[\"none\"]", params, BERTH_FAIL_CONFIG, "config has no \"image\"; did you mean \"images\"?");
    expect(__LINE__, "action", "\"container\":[]", inspect, BERTH_FAIL_CONFIG, "did you mean \"containers\"?");
    expect(__LINE__, "run", "\"volumes\":[]", params, BERTH_FAIL_CONFIG, "it knows socket, host_network, images, containers, mounts");
}

static void refuses_nonsense(void) {
    RUN("[]", BERTH_FAIL_PARAMS, "object");
    RUN("{}", BERTH_FAIL_PARAMS, "\"image\"");
    RUN("{\"image\":\"a b\"}", BERTH_FAIL_PARAMS, "no name of an image");
    RUN("{\"image\":\"ok\",\"pull\":\"often\"}", BERTH_FAIL_PARAMS, "\"pull\"");
    RUN("{\"image\":\"ok\",\"command\":7}", BERTH_FAIL_PARAMS, "\"command\"");
    RUN("{\"image\":\"ok\",\"env\":7}", BERTH_FAIL_PARAMS, "\"env\"");
    RUN("{\"image\":\"ok\",\"ports\":[\"x:80\"]}", BERTH_FAIL_PARAMS, "\"ports\"");
    RUN("{\"image\":\"ok\",\"runtime\":\"containerd\"}", BERTH_FAIL_PARAMS, "containerd");
    RUN("{\"image\":\"ok\",\"connection\":\"tcp\"}", BERTH_FAIL_PARAMS, "Unix socket alone");
    RUN("{\"image\":\"ok\",\"socket\":\"/x\"}", BERTH_FAIL_PARAMS, "operator's");
    expect(__LINE__, "run", "\"socket\":\"/nowhere.sock\"", "{\"image\":\"ok\"}", BERTH_RETRY_DEPENDENCY, "cannot reach the engine at /nowhere.sock");
}

/* ---- frames ----------------------------------------------------------------------------------------------------- */

static char got[2][100000];
static size_t got_length[2];

static void keep_piece(void *user, int stream, const char *bytes, size_t length) {
    (void)user;
    memcpy(got[stream - 1] + got_length[stream - 1], bytes, length);
    got_length[stream - 1] += length;
}

/* However the bytes are parted, the same comes out; and whatever the bytes are, nothing is read or written beyond them. */
static void reads_frames_however_they_are_parted(void) {
    unsigned seed = 20260102;
    for (int round = 0; round < 300; round++) {
        char sent[9000], wanted[2][9000];
        size_t length = 0, wanted_length[2] = {0, 0};
        while (length < 4000) {
            int stream = 1 + rand_r(&seed) % 2;
            size_t size = (size_t)(rand_r(&seed) % 300);
            char header[8] = {(char)stream, 0, 0, 0, 0, 0, (char)(size >> 8), (char)size};
            memcpy(sent + length, header, 8), length += 8;
            for (size_t i = 0; i < size; i++) sent[length++] = wanted[stream - 1][wanted_length[stream - 1]++] = (char)rand_r(&seed);
        }
        struct frames frames = {.piece = keep_piece};
        got_length[0] = got_length[1] = 0;
        for (size_t done = 0; done < length;) {
            size_t step = 1 + (size_t)(rand_r(&seed) % (round % 2 ? 7 : 700));
            if (step > length - done) step = length - done;
            frames_take(&frames, sent + done, step), done += step;
        }
        CHECK(!frames.is_broken);
        for (int s = 0; s < 2; s++)
            CHECK(got_length[s] == wanted_length[s] && memcmp(got[s], wanted[s], got_length[s]) == 0);
        for (size_t i = 0; i < length; i++) sent[i] = (char)rand_r(&seed);
        got_length[0] = got_length[1] = 0;
        frames = (struct frames){.piece = keep_piece};
        frames_take(&frames, sent, length);
        CHECK(got_length[0] + got_length[1] <= length);
    }
}

int main(int argc, char **argv) {
    char socket_path[PATH_MAX], remove[PATH_MAX];
    library = argc > 1 ? argv[1] : "./container.so";
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder)) return 1;
    snprintf(socket_path, sizeof socket_path, "%s/engine.sock", folder);
    int listener = stand_in_open(socket_path);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        stand_in_listen((void *)(long)listener);
    }
    runs_to_the_end_and_tidies_up();
    leaves_running_what_it_detaches();
    removes_what_an_attempt_before_left();
    leaves_what_an_attempt_before_was_to_leave();
    pulls_by_its_policy();
    passes_on_stop_and_kill();
    mounts_what_is_allowed();
    follows_the_operator();
    does_what_the_server_asks();
    knows_every_word_of_its_config();
    refuses_nonsense();
    reads_frames_however_they_are_parted();
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    if (system(remove) != 0) failures++;
    if (failures == 0) puts("container: all tests passed");
    return failures != 0;
}
