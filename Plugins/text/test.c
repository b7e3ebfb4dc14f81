/* Unit tests of the built plugin file: ./test text.so */
#include "fake_host.h"
#include "json.h"

#include <pthread.h>
#include <sys/stat.h>

static int failures;

#define CHECK(truth) \
    do { \
        if (truth) break; \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
        failures++; \
    } while (0)

static const berth_plugin *plugin;
static char folder[] = "/tmp/berth-text-XXXXXX";

static void write_file(const char *name, const void *bytes, size_t length) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (length) fwrite(bytes, 1, length, file);
    fclose(file);
}

#define WRITE(name, text) write_file(name, text, sizeof text - 1)

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

static int parses(const char *text) {
    json_value value;
    return json_parse(text, strlen(text), &value);
}

static void reads_json_strictly(void) {
    const char *good[] = {"{}", " [1, -2.5e+3, 0, true, false, null, \"\\u00e9\\ud83d\\ude00\"] ", "\"\"", "0", "1e5",
                          "{\"a\":{\"b\":[{}]},\"a\":2}", NULL};
    const char *bad[] = {"", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "+1", "1e", "nul", "truex",
                         "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\u12g4\"", "\"a\nb\"", "\"\xff\"", "\"\xc0\x80\"",
                         "\"\xed\xa0\x80\"", "[1 2]", "{} {}", "\"", "[\"a]", "-", "{\"a\"}", "\"\\", NULL};
    for (int i = 0; good[i]; i++)
        if (!parses(good[i])) CHECK(!good[i]);
    for (int i = 0; bad[i]; i++)
        if (parses(bad[i])) fprintf(stderr, "taken for JSON: %s\n", bad[i]), failures++;
    char deep[2 * JSON_MAX_DEPTH + 3] = {0};
    memset(deep, '[', JSON_MAX_DEPTH);
    memset(deep + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    CHECK(parses(deep));
    memset(deep, '[', JSON_MAX_DEPTH + 1);
    memset(deep + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    CHECK(!parses(deep));
}

static void reads_members(void) {
    const char *text = "{\"a\":1,\"\\u0061\":[10,20],\"s\":\"x\\n\\ud83d\\ude00\",\"n\":-9223372036854775808,\"z\":\"a\\u0000\"}";
    json_value root, element;
    CHECK(json_parse(text, strlen(text), &root));
    json_value list = json_member(root, "a");
    CHECK(list.kind == JSON_ARRAY); /* the last of that name */
    size_t position = 0;
    int64_t sum = 0, number;
    while (json_next(list, &position, NULL, &element)) sum += json_integer(element, &number) ? number : 0;
    CHECK(sum == 30);
    char *decoded = json_text(json_member(root, "s"));
    CHECK(decoded && strcmp(decoded, "x\n\xF0\x9F\x98\x80") == 0);
    free(decoded);
    CHECK(json_integer(json_member(root, "n"), &number) && number == INT64_MIN);
    CHECK(json_text(json_member(root, "z")) == NULL);
    CHECK(json_member(root, "missing").kind == JSON_NONE);
}

/* Touches everything that a valid document offers. */
static size_t walk(json_value value) {
    json_value key, element;
    size_t position = 0, seen = 1;
    free(json_text(value));
    int64_t integer;
    double real;
    json_integer(value, &integer);
    json_real(value, &real);
    while (json_next(value, &position, &key, &element)) seen += walk(element) + (key.kind == JSON_STRING);
    return seen;
}

static void survives_any_bytes(void) {
    const char *seed = "{\"a\":[1,2.5e-3,true,null,{\"b\":\"\\u00e9\\ud83d\\ude00 \xC3\xA9\"}],\"c\":\"x\",\"d\":{}}";
    size_t length = strlen(seed), valid = 0;
    uint64_t random = 20240229;
    for (int round = 0; round < 20000; round++) {
        char *copy = malloc(length); /* of exactly that size, so that reading past it is seen */
        memcpy(copy, seed, length);
        size_t cut = length;
        for (int change = 0; change < 1 + round % 3; change++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            copy[(random >> 33) % length] = "{}[]\",:\\u0e-\xC3\xFF"[(random >> 20) % 15];
            if (random >> 61 == 0) cut = (random >> 40) % length;
        }
        json_value value;
        if (json_parse(copy, cut, &value)) {
            valid++;
            CHECK(walk(value) > 0);
        }
        free(copy);
    }
    CHECK(valid > 100 && valid < 19000);
}

/* ---- wordcount -------------------------------------------------------------------------------------------------- */

static int64_t number_in(const berth_context *attempt, const char *name) {
    json_value root;
    int64_t number = -1;
    if (attempt->output && json_parse(attempt->output, attempt->output_length, &root))
        json_integer(json_member(root, name), &number);
    return number;
}

/* Compares with `wc` fed by that shell command. */
static void agrees_with_wc(const char *path, const char *feed) {
    char command[600], params[400];
    long long lines = -1, words = -1, bytes = -1;
    snprintf(command, sizeof command, "%s | LC_ALL=C.UTF-8 wc", feed);
    FILE *wc = popen(command, "r");
    CHECK(fscanf(wc, "%lld %lld %lld", &lines, &words, &bytes) == 3);
    pclose(wc);
    snprintf(params, sizeof params, "{\"path\":\"%s\"}", path);
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "wordcount", params, &attempt) == BERTH_OK);
    if (number_in(&attempt, "lines") != lines || number_in(&attempt, "words") != words ||
        number_in(&attempt, "bytes") != bytes) {
        fprintf(stderr, "%s: wc says %lld %lld %lld, we %s\n", path, lines, words, bytes, attempt.output);
        failures++;
    }
    CHECK(attempt.progress_done == (uint64_t)bytes);
    fake_end(&attempt);
}

static void counts_like_wc(void) {
    const char *licenses = "/usr/share/common-licenses";
    if (access(licenses, R_OK) == 0) agrees_with_wc(licenses, "cat /usr/share/common-licenses/*");
    WRITE("empty", "");
    WRITE("no-newline", "one two\nthree");
    WRITE("utf8", "na\xC3\xAFve \xE2\x80\x94 \xC2\xA0x\xE3\x80\x80y \xF0\x9F\x98\x80\n\xC3\xA9\n");
    WRITE("broken", "a\xFF\xC3 b \xE2\x80 c\x01 \x01 \xED\xA0\x80 \xC0\x80 \xF8 z\xE2");
    for (const char *const *name = (const char *[]){"empty", "no-newline", "utf8", "broken", NULL}; *name; name++) {
        char path[300], feed[310];
        snprintf(path, sizeof path, "%s/%s", folder, *name);
        snprintf(feed, sizeof feed, "cat %s", path);
        agrees_with_wc(path, feed);
    }
    static char big[300000]; /* words across every block boundary */
    for (size_t i = 0; i < sizeof big; i++) big[i] = "word \xC3\xA9\xC3\xA9 x\n"[i % 12];
    write_file("big", big, sizeof big);
    char feed[320];
    snprintf(feed, sizeof feed, "cat %s/big", folder);
    agrees_with_wc(strcat(strcpy((char[300]){0}, folder), "/big"), feed);
}

static void lists_the_most_frequent(void) {
    WRITE("frequent", "The cat the dog THE end. cat-dog; a1 \xC3\xA9t\xC3\xA9");
    char params[400];
    snprintf(params, sizeof params, "{\"path\":\"%s/frequent\"}", folder);
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "wordcount", params, &attempt) == BERTH_OK);
    CHECK(attempt.output && strstr(attempt.output, "\"top\":[{\"word\":\"the\",\"count\":3},{\"word\":\"cat\",\"count\":2},"
                                                   "{\"word\":\"dog\",\"count\":2},{\"word\":\"a1\",\"count\":1}"));
    CHECK(attempt.output && strstr(attempt.output, "\xC3\xA9t\xC3\xA9"));
    CHECK(strstr(attempt.breadcrumb, "frequent"));
    fake_end(&attempt);
}

static void says_what_is_wrong(void) {
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "wordcount", "{}", &attempt) == BERTH_FAIL_PARAMS && strstr(attempt.error, "path"));
    CHECK(fake_run(plugin, "wordcount", "{\"path\":\"/no/such\"}", &attempt) == BERTH_FAIL_INPUT);
    CHECK(strstr(attempt.error, "cannot read /no/such: No such file"));
    CHECK(fake_run(plugin, "wordcount", "{\"path\":\"/dev/null\"}", &attempt) == BERTH_FAIL_INPUT);
    CHECK(fake_run(plugin, "grep", "{\"pattern\":\"(\",\"path\":\"/\"}", &attempt) == BERTH_FAIL_PARAMS);
    CHECK(strstr(attempt.error, "regular expression"));
    CHECK(fake_run(plugin, "grep", "{\"pattern\":\"a\"}", &attempt) == BERTH_FAIL_PARAMS);
    CHECK(fake_run(plugin, "grep", "{\"pattern\":\"a\",\"path\":\"/no/such\"}", &attempt) == BERTH_FAIL_INPUT);
    fake_end(&attempt);
}

/* ---- grep ------------------------------------------------------------------------------------------------------- */

static void finds_lines(void) {
    char params[400];
    WRITE("grep-a", "alpha\nBeta\ngamma beta\n\nlast beta");
    WRITE("grep-binary", "beta\0beta\n");
    snprintf(params, sizeof params, "{\"pattern\":\"^be|beta$\",\"path\":\"%s/grep-a\",\"ignore_case\":true}", folder);
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "grep", params, &attempt) == BERTH_OK);
    CHECK(number_in(&attempt, "count") == 3 && number_in(&attempt, "files") == 1);
    CHECK(attempt.output && strstr(attempt.output, "\"line\":2,\"text\":\"Beta\"},{"));
    CHECK(attempt.output && strstr(attempt.output, "\"line\":5,\"text\":\"last beta\"}]"));
    fake_end(&attempt);
    attempt = fake_attempt();
    snprintf(params, sizeof params, "{\"pattern\":\"beta\",\"path\":\"%s\",\"max_matches\":1}", folder);
    CHECK(fake_run(plugin, "grep", params, &attempt) == BERTH_OK);
    CHECK(number_in(&attempt, "count") == 2 && number_in(&attempt, "matching_files") == 1);
    CHECK(attempt.output && strstr(attempt.output, "\"truncated\":true"));
    CHECK(attempt.progress_done == attempt.progress_total && attempt.progress_total > 3);
    fake_end(&attempt);
}

static void takes_long_lines_in_pieces(void) {
    size_t length = 3 << 20;
    char *line = malloc(length), params[400];
    memset(line, 'x', length);
    write_file("long", line, length);
    free(line);
    snprintf(params, sizeof params, "{\"pattern\":\"x\",\"path\":\"%s/long\"}", folder);
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "grep", params, &attempt) == BERTH_OK);
    CHECK(number_in(&attempt, "count") == 4 || number_in(&attempt, "count") == 3);
    CHECK(attempt.output_length < 4 * 1024);
    fake_end(&attempt);
}

static void *ask(void *given) {
    berth_context *attempt = given;
    while (!atomic_load(&attempt->self)) usleep(100);
    fake_ask(attempt, BERTH_STOP_ASKED, BERTH_STOP_CANCEL);
    return NULL;
}

static void stops_when_asked(void) {
    berth_context attempt = fake_attempt();
    pthread_t asker;
    pthread_create(&asker, NULL, ask, &attempt);
    CHECK(fake_run(plugin, "grep", "{\"pattern\":\"never.*found.*here\",\"path\":\"/usr\"}", &attempt) == BERTH_CANCELLED);
    pthread_join(asker, NULL);
    fake_end(&attempt);
    attempt = fake_attempt();
    atomic_store(&attempt.cancel_state, BERTH_STOP_ASKED);
    attempt.deadline_ns = 1;
    CHECK(fake_run(plugin, "wordcount", "{\"path\":\"/usr\"}", &attempt) == BERTH_TIMED_OUT);
    fake_end(&attempt);
}

/* ---- map and reduce ---------------------------------------------------------------------------------------------- */

static char emitted[4][4096];
static size_t emitted_count, handed_out;
static berth_status part_status;

static berth_status keep_children(berth_context *context, const berth_child *children, size_t count) {
    (void)context;
    for (size_t i = 0; i < count && emitted_count < 4; i++)
        snprintf(emitted[emitted_count++], sizeof emitted[0], "%.*s", (int)children[i].params_length,
                 (const char *)children[i].params);
    return BERTH_OK;
}

static berth_status hand_out(berth_context *context, const void **bytes, size_t *length, berth_status *status) {
    static const char *parts[] = {"2 alpha\n1 beta\n", "40 beta\n"};
    (void)context;
    if (handed_out == 2) return BERTH_NOT_FOUND;
    *bytes = parts[handed_out];
    *length = strlen(parts[handed_out++]);
    *status = part_status;
    return BERTH_OK;
}

/* Asked again, the plugin answers the same and uses these services from then on. */
static void serve_children(const char *path) {
    static berth_host services;
    services = fake_host;
    services.emit_children = keep_children;
    services.next_result = hand_out;
    berth_entry entry = NULL;
    *(void **)&entry = dlsym(dlopen(path, RTLD_NOW | RTLD_LOCAL), BERTH_ENTRY_SYMBOL);
    berth_plugin again = {.struct_size = sizeof again};
    CHECK(entry(&services, &again) == BERTH_OK && again.components == plugin->components);
}

static berth_status run_stage(uint32_t stage, const char *params, berth_context *attempt) {
    const berth_processor *processor = NULL;
    for (size_t i = 0; i < plugin->component_count; i++)
        if (strcmp(plugin->components[i].id, "count") == 0) processor = plugin->components[i].vtable;
    berth_input input = {.struct_size = sizeof input, .stage = stage, .params = params, .params_length = strlen(params),
                         .child_count = stage == BERTH_STAGE_REDUCE ? 2 : 0};
    void *self = NULL;
    berth_status status = processor->init(attempt, params, strlen(params), &self);
    if (status != BERTH_OK) return status;
    status = processor->run(attempt, self, &input);
    processor->destroy(self);
    return status;
}

static int says(const berth_context *attempt, const char *text) {
    return attempt->output_length == strlen(text) && memcmp(attempt->output, text, strlen(text)) == 0;
}

static void counts_in_one_stage(void) {
    char params[400];
    WRITE("few", "beta alpha Beta ALPHA, beta\n");
    snprintf(params, sizeof params, "{\"path\":\"%s/few\"}", folder);
    berth_context attempt = fake_attempt();
    CHECK(run_stage(BERTH_STAGE_SINGLE, params, &attempt) == BERTH_OK);
    CHECK(says(&attempt, "2 alpha\n3 beta\n"));
    fake_end(&attempt);
}

static void shares_out_and_counts_a_part(void) {
    char params[400];
    snprintf(params, sizeof params, "{\"path\":\"%s/few\",\"files_per_part\":1}", folder);
    berth_context attempt = fake_attempt();
    CHECK(run_stage(BERTH_STAGE_ROOT, params, &attempt) == BERTH_OK);
    CHECK(emitted_count == 1 && attempt.output_length == 0);
    fake_end(&attempt);
    attempt = fake_attempt();
    CHECK(run_stage(BERTH_STAGE_CHILD, emitted[0], &attempt) == BERTH_OK);
    CHECK(says(&attempt, "2 alpha\n3 beta\n"));
    fake_end(&attempt);
}

static void adds_up_unless_a_part_is_missing(void) {
    berth_context attempt = fake_attempt();
    CHECK(run_stage(BERTH_STAGE_REDUCE, "{\"path\":\"/\"}", &attempt) == BERTH_OK);
    CHECK(says(&attempt, "2 alpha\n41 beta\n"));
    fake_end(&attempt);
    handed_out = 0;
    part_status = BERTH_CANCELLED;
    attempt = fake_attempt();
    CHECK(run_stage(BERTH_STAGE_REDUCE, "{\"path\":\"/\"}", &attempt) == BERTH_FAIL);
    fake_end(&attempt);
}

int main(int argc, char **argv) {
    berth_plugin loaded = fake_load(argc > 1 ? argv[1] : "./text.so");
    plugin = &loaded;
    if (!mkdtemp(folder)) return 1;
    reads_json_strictly();
    reads_members();
    survives_any_bytes();
    counts_like_wc();
    lists_the_most_frequent();
    says_what_is_wrong();
    finds_lines();
    takes_long_lines_in_pieces();
    stops_when_asked();
    counts_in_one_stage();
    serve_children(argc > 1 ? argv[1] : "./text.so");
    shares_out_and_counts_a_part();
    adds_up_unless_a_part_is_missing();
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command) == 0 && failures == 0) puts("text: all tests passed");
    return failures != 0;
}
