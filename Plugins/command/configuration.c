#include "configuration.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NAME 63 /* of those that are known */

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* How many letters are to be added, left out or replaced to make `b` of `a`, in any case. */
static size_t distance(const char *a, const char *b) {
    size_t row[LONGEST_NAME + 1], width = strlen(b);
    for (size_t j = 0; j <= width; j++) row[j] = j;
    for (size_t i = 1; *a; a++, i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t replaced = corner + (tolower((unsigned char)*a) != tolower((unsigned char)b[j - 1]));
            corner = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[width];
}

/* The known name that was probably meant; null when none is close. */
static const char *meant(const char *name, const char *const *known) {
    const char *closest = NULL;
    size_t fewest = strlen(name) / 3 + 1;
    for (; *known; known++) {
        size_t far = distance(name, *known);
        if (far <= fewest && (!closest || far < fewest)) closest = *known, fewest = far;
    }
    return closest;
}

static const char *refuse(const char *name, const char *where, const char *const *known) {
    static char text[600];
    const char *closest = meant(name, known);
    size_t length = (size_t)snprintf(text, sizeof text, "%s has no \"%.100s\"; ", where, name);
    if (closest) return snprintf(text + length, sizeof text - length, "did you mean \"%s\"?", closest), text;
    length += (size_t)snprintf(text + length, sizeof text - length, "it knows %s", *known);
    while (*++known && length < sizeof text)
        length += (size_t)snprintf(text + length, sizeof text - length, ", %s", *known);
    return text;
}

static int is_known(const char *name, const char *const *known) {
    while (*known && strcmp(*known, name) != 0) known++;
    return *known != NULL;
}

const char *configuration_judge(json_value object, const char *where, const char *const *known) {
    static char text[200];
    if (object.kind != JSON_OBJECT) return snprintf(text, sizeof text, "%s must be an object, such as {}", where), text;
    size_t position = 0;
    json_value key, value;
    const char *fault = NULL;
    while (!fault && json_next(object, &position, &key, &value)) {
        char *name = json_text(key);
        if (!name || !is_known(name, known)) fault = refuse(name ? name : "a name with NUL", where, known);
        free(name);
    }
    return fault;
}

const char *configuration_read(const void *config, size_t length, const char *const *known, json_value *root) {
    *root = (json_value){0};
    if (length == 0) return NULL;
    if (!json_parse(config, length, root)) return "the plugin's config must be JSON";
    if (root->kind == JSON_NULL) return NULL;
    return configuration_judge(*root, "the plugin's config", known);
}
