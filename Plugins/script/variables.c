#include "variables.h"
#include "environment.h"

#include <stdlib.h>
#include <string.h>

/* The value that `${NAME}` at `at` stands for, and its length in the text; null when there is none. */
static const char *value_at(const char *at, char **environment, size_t *length) {
    char name[128];
    if (strncmp(at, "${", 2) != 0) return NULL;
    size_t letters = strnlen(at + 2, sizeof name);
    const char *end = memchr(at + 2, '}', letters);
    if (!end) return NULL;
    letters = (size_t)(end - at - 2);
    memcpy(name, at + 2, letters);
    name[letters] = 0;
    *length = letters + 3;
    return environment_find(environment, name);
}

char *variables_filled(char *text, char **environment) {
    if (!text || !strstr(text, "${")) return text;
    json_writer filled = {0};
    for (const char *at = text; *at;) {
        size_t length = 1;
        const char *value = value_at(at, environment, &length);
        char piece[2] = {*at, 0};
        json_put_raw(&filled, value ? value : piece);
        at += value ? length : 1;
    }
    free(text);
    char *result = filled.failed ? NULL : strndup(filled.bytes ? filled.bytes : "", filled.length);
    json_writer_free(&filled);
    return result;
}
