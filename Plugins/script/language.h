/* The languages of scripts, by the names that people give them. */
#ifndef LANGUAGE_H
#define LANGUAGE_H

#define LANGUAGES "bash, python, node, perl"

struct language {
    const char *name;
    const char *interpreter;
    const char *suffix; /* of a file that holds a script */
};

/* In any case; null when there is none. */
const struct language *language_of(const char *name);

#endif
