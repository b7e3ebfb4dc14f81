/* Unit tests of the built plugin file: ./test plugin-name.so */
#include "fake_host.h"

static int failures;

#define CHECK(truth) \
    do { \
        if (truth) break; \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
        failures++; \
    } while (0)

static void lets_a_program_greet(const berth_plugin *plugin) {
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "hello", "{\"name\":\"Ada\"}", &attempt) == BERTH_OK);
    CHECK(attempt.output && strcmp(attempt.output, "Hello, Ada!\n") == 0);
    fake_end(&attempt);
}

static void asks_for_a_name(const berth_plugin *plugin) {
    berth_context attempt = fake_attempt();
    CHECK(fake_run(plugin, "hello", "{}", &attempt) == BERTH_FAIL_PARAMS);
    CHECK(strstr(attempt.error, "give a name") != NULL);
    fake_end(&attempt);
}

static void ends_when_asked(const berth_plugin *plugin) {
    berth_context attempt = fake_attempt();
    fake_ask(&attempt, BERTH_STOP_ASKED, BERTH_STOP_CANCEL);
    CHECK(fake_run(plugin, "hello", "{\"name\":\"Ada\"}", &attempt) == BERTH_CANCELLED);
    CHECK(attempt.output_length == 0);
    fake_end(&attempt);
}

int main(int argc, char **argv) {
    berth_plugin plugin = fake_load(argc > 1 ? argv[1] : "./plugin-name.so");
    lets_a_program_greet(&plugin);
    asks_for_a_name(&plugin);
    ends_when_asked(&plugin);
    if (failures == 0) puts("plugin-name: all tests passed");
    return failures != 0;
}
