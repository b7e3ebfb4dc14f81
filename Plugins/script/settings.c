#include "settings.h"
#include "configuration.h"
#include "environment.h"

static char *interpreters[] = {"bash", "sh", "python3", "node", "perl", NULL};
static char *folders[] = {"/var/scripts", "/opt/cronjob/scripts", "/data/scripts", NULL};

struct settings settings = {.interpreters = interpreters, .folders = folders};

/* A list of the operator's, kept until the process ends; the default stays where he says nothing. */
static const char *read_list(json_value root, const char *name, char ***list) {
    json_value given = json_member(root, name);
    if (given.kind == JSON_NONE) return NULL;
    *list = NULL;
    return texts_read(given, 0, list);
}

void settings_read(const void *config, size_t length) {
    static const char *const known[] = {"interpreters", "folders", NULL};
    json_value root;
    settings.fault = configuration_read(config, length, known, &root);
    if (settings.fault) return;
    if (read_list(root, "interpreters", &settings.interpreters))
        settings.fault = "\"interpreters\" in the plugin's configuration must be an array of texts: [\"bash\", \"python3\"]";
    if (read_list(root, "folders", &settings.folders))
        settings.fault = "\"folders\" in the plugin's configuration must be an array of texts: [\"/opt/scripts\"]";
}
