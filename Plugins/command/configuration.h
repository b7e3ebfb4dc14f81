/* The operator's `config:` of the plugin. A word in it that nobody knows may be a restriction that is misspelt, and would be off
 * unnoticed: so it is refused. */
#ifndef CONFIGURATION_H
#define CONFIGURATION_H

#include "json.h"

/* Parses the configuration, an object with no other members than `known`, a list that ends with null; JSON_NONE where there
 * is none. Null, or what is wrong with it, a text that lives until the process ends. */
const char *configuration_read(const void *config, size_t length, const char *const *known, json_value *root);

/* The same of an object inside of it; `where` is what people call it, such as "config.shell". */
const char *configuration_judge(json_value object, const char *where, const char *const *known);

#endif
