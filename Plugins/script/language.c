#include "language.h"

#include <stddef.h>
#include <strings.h>

/* `shell` and `sh` mean bash, as they do on the cronjob server; `interpreter` names another. */
static const struct language languages[] = {
    {"bash", "bash", ".sh"},      {"shell", "bash", ".sh"},  {"sh", "bash", ".sh"},   {"python", "python3", ".py"},
    {"python3", "python3", ".py"}, {"node", "node", ".js"},   {"nodejs", "node", ".js"}, {"javascript", "node", ".js"},
    {"js", "node", ".js"},        {"perl", "perl", ".pl"},
};

const struct language *language_of(const char *name) {
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
        if (strcasecmp(languages[i].name, name) == 0) return &languages[i];
    return NULL;
}
