/* try PLUGIN.SO DESCRIPTION.JSON: runs every example of a description against a fake host. */
#include "fake_host.h"
#include "json.h"

static int failures, successes;

static void complain(const char *component, json_value params, const char *wanted, const char *got) {
    fprintf(stderr, "%s with %.*s: wanted %s, got %s\n", component, (int)params.length, params.text, wanted, got);
    failures++;
}

/* The same value, whatever the order of members and the space between. */
static int is_same(json_value a, json_value b) {
    json_value key, value;
    double left, right;
    size_t count = 0, others = 0;
    if (a.kind != b.kind) return 0;
    if (a.kind == JSON_NUMBER) {
        if (a.length == b.length && memcmp(a.text, b.text, a.length) == 0) return 1;
        return json_real(a, &left) && json_real(b, &right) && left - right < 1e-12 && right - left < 1e-12;
    }
    if (a.kind != JSON_OBJECT) return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
    for (size_t position = 0; json_next(b, &position, NULL, &value);) others++;
    for (size_t position = 0; json_next(a, &position, &key, &value); count++) {
        char *name = json_text(key);
        int found = name && is_same(value, json_member(b, name));
        free(name);
        if (!found) return 0;
    }
    return count == others;
}

/* Does the output say what was wanted: JSON, or a text as it is? */
static int says(const berth_context *attempt, json_value wanted) {
    json_value output;
    char *text = json_text(wanted);
    size_t length = text ? strlen(text) : 0;
    int is_equal = text && attempt->output_length == length && (length == 0 || memcmp(attempt->output, text, length) == 0);
    free(text);
    return is_equal || (json_parse(attempt->output, attempt->output_length, &output) && is_same(wanted, output));
}

static void run_example(const berth_plugin *plugin, const char *id, json_value example) {
    json_value params = json_member(example, "params"), gives = json_member(example, "gives");
    char *says_why = json_text(json_member(example, "fails"));
    char *given = strndup(params.kind == JSON_OBJECT ? params.text : "{}", params.kind == JSON_OBJECT ? params.length : 2);
    berth_context attempt = fake_attempt();
    berth_status status = fake_run(plugin, id, given, &attempt);
    if (says_why) {
        if (status == BERTH_OK) complain(id, params, says_why, "success");
        else if (!strstr(attempt.error, says_why)) complain(id, params, says_why, attempt.error);
    } else if (status != BERTH_OK) {
        complain(id, params, "success", attempt.error[0] ? attempt.error : "a failure without a reason");
    } else if (gives.kind != JSON_NONE && !says(&attempt, gives)) {
        char *wanted = strndup(gives.text, gives.length);
        complain(id, params, wanted, attempt.output ? attempt.output : "nothing");
        free(wanted);
    }
    successes++;
    fake_end(&attempt);
    free(given);
    free(says_why);
}

int main(int argc, char **argv) {
    static char text[1 << 20];
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    size_t length = file ? fread(text, 1, sizeof text, file) : 0;
    json_value root, component, example;
    if (!json_parse(text, length, &root)) return fputs("say try PLUGIN.SO DESCRIPTION.JSON\n", stderr), 2;
    berth_plugin plugin = fake_load(argv[1]);
    if (plugin.start) plugin.start("{\"unverified\":true}", 19);
    json_value components = json_member(root, "components");
    for (size_t position = 0; json_next(components, &position, NULL, &component);) {
        char *id = json_text(json_member(component, "id"));
        json_value examples = json_member(component, "examples");
        for (size_t at = 0; json_next(examples, &at, NULL, &example);) run_example(&plugin, id, example);
        free(id);
    }
    printf("%d examples, %d failed\n", successes, failures);
    return failures != 0;
}
