#include "settings.h"
#include "configuration.h"
#include "environment.h"

#include <string.h>

static char *roots[] = {"/var/log", "/opt/logs", "/data", "/opt/data", "/backup", "/tmp", "/var/www/uploads", "/opt/app", NULL};

struct settings settings = {.roots = roots};

void settings_read(const void *config, size_t length) {
    static const char *const known[] = {"roots", NULL};
    json_value root;
    settings.fault = configuration_read(config, length, known, &root);
    if (settings.fault) return;
    json_value given = json_member(root, "roots");
    if (given.kind == JSON_NONE) return;
    if (settings.roots != roots) texts_free(settings.roots);
    settings.roots = NULL;
    if (texts_read(given, 0, &settings.roots))
        settings.fault = "\"roots\" in the plugin's configuration must be an array of texts: [\"/var/log/app\"]";
}

int settings_is_system(const char *where) {
    static const char *const folders[] = {"/etc", "/usr", "/bin", "/sbin", "/boot", "/lib",
                                          "/lib64", "/sys", "/proc", "/dev", "/root", NULL};
    if (strcmp(where, "/") == 0) return 1;
    for (const char *const *folder = folders; *folder; folder++) {
        size_t length = strlen(*folder);
        if (strncmp(where, *folder, length) == 0 && (!where[length] || where[length] == '/')) return 1;
    }
    return 0;
}
