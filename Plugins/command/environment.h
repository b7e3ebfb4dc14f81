/* The variables of a program: those of this process, with some of the run's own over them. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include "json.h"

/* Makes the list from an object of texts, or from nothing; null, or what is wrong. Free it with texts_free either way. */
const char *environment_read(json_value variables, char ***out);

/* The value of a variable; null when there is none. Borrowed from the list. */
const char *environment_find(char **list, const char *name);

/* A list of texts that ends with null, from an array of texts or from nothing, with room for `more` before the end. */
const char *texts_read(json_value array, size_t more, char ***out);
void texts_free(char **list);

/* A text, or null where there is none; null, or `fault` when it is something else. */
const char *text_read(json_value value, char **out, const char *fault);

#endif
