/* Unit tests of the built plugin file, in C, because that is how the host sees it: ./test plugin-name.so */
#include "fake_host.h"

static int failures;

#define CHECK(truth) \
    do { \
        if (truth) break; \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
        failures++; \
    } while (0)

static void greets_by_name(const berth_plugin *plugin) {
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "hello", "{\"name\":\"Ada \\\"L.\\\"\"}", &attempt) == BERTH_OK);
    CHECK(attempt.output && strcmp(attempt.output, "{\"greeting\":\"Hello, Ada \\\"L.\\\"!\"}") == 0);
    fake_end(&attempt);
}

static void asks_for_a_name(const berth_plugin *plugin) {
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "hello", "{}", &attempt) == BERTH_FAIL_PARAMS);
    CHECK(strstr(attempt.error, "\"name\" is missing") != NULL);
    fake_end(&attempt);
}

static void says_what_is_wrong(const berth_plugin *plugin) {
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "hello", "{\"name\":7}", &attempt) == BERTH_FAIL_PARAMS);
    CHECK(strcmp(attempt.error, "\"name\" is 7, but must be a text") == 0);
    fake_end(&attempt);
}

int main(int argc, char **argv) {
    berth_plugin plugin = fake_load(argc > 1 ? argv[1] : "./plugin-name.so");
    greets_by_name(&plugin);
    asks_for_a_name(&plugin);
    says_what_is_wrong(&plugin);
    if (failures == 0) puts("plugin-name: all tests passed");
    return failures != 0;
}
