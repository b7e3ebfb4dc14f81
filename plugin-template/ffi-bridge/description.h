/* What plugin.yaml says, checked: which functions of which library are components, and how params become arguments. The
 * build reads it to complain, the plugin reads it to work. Nothing here is ever freed. */
#ifndef DESCRIPTION_H
#define DESCRIPTION_H

#include "json.h"
#include "types.h"

#include <stddef.h>
#include <stdint.h>

#define MOST_ARGUMENTS 32
#define MOST_COMPONENTS 64

typedef enum binding {
    BIND_PARAM,    /* a param: number or cstr */
    BIND_VALUE,    /* a constant */
    BIND_TEXT,     /* the bytes of a param that is a text */
    BIND_FILE,     /* the bytes of a file that a param names */
    BIND_LENGTH,   /* how many bytes an input has */
    BIND_OUTPUT,   /* a buffer for the function to write to */
    BIND_CAPACITY, /* how many bytes such a buffer has */
    BIND_IN_OUT,   /* pointer to the length of a buffer: its capacity before, its length after */
    BIND_OUT,      /* pointer to a number that the function sets */
    BIND_STRUCT,   /* pointer to a struct */
    BIND_CALLBACK, /* pointer to a function of ours */
    BIND_UNUSED,   /* argument of a callback that nobody looks at */
} binding;

/* What an argument of a callback is for. */
typedef enum role { ROLE_NONE, ROLE_DONE, ROLE_TOTAL, ROLE_TEXT } role;

struct callback;

/* An argument, a field of a struct, or an argument of a callback. */
typedef struct argument {
    type_code type;
    binding binding;
    const char *name;       /* of the param, the input, the buffer or the value set; null for constants */
    json_value value;       /* BIND_VALUE; BIND_PARAM's default, JSON_NONE when the param is obligatory */
    uint64_t capacity;      /* BIND_OUTPUT: this many bytes … */
    uint64_t per_byte;      /* … and this many for each byte … */
    const char *of;         /* … of this input, may be null */
    type_code pointed;      /* BIND_IN_OUT and BIND_OUT: the type pointed to */
    struct argument *fields; /* BIND_STRUCT */
    size_t field_count;
    size_t offset; /* of a field */
    size_t size;   /* BIND_STRUCT: of the whole */
    struct callback *callback;
    role role;
} argument;

typedef struct callback {
    int reports_progress; /* else it logs */
    type_code result;
    int64_t returns;        /* while the run goes on */
    int64_t when_cancelled; /* once it is asked to end */
    argument *arguments;
    size_t argument_count;
    void *prepared; /* the bridge's */
} callback;

typedef enum success {
    OK_ALWAYS,
    OK_EQUALS, /* ok: 0 */
    OK_NONNEGATIVE,
    OK_NONNULL, /* not zero */
} success;

typedef struct component {
    const char *id, *title, *description, *function, *result_type, *schema;
    uint64_t flags;
    argument *arguments;
    size_t argument_count;
    type_code result;
    success success;
    int64_t ok;
    const char *result_name; /* emitted under this name; may be null */
    json_value retry;        /* array of results that another attempt may mend */
    json_value errors;       /* object: result → reason */
    int grows;               /* `grow` is a result that asks for a larger buffer */
    int64_t grow;
    const char *emit; /* the buffer emitted as it is; null: an object of everything named */
    json_value examples;
} component;

typedef struct description {
    const char *id, *version, *vendor, *library;
    json_value headers; /* array of texts, or JSON_NONE */
    int unverified;     /* the author could not have the signatures checked */
    component *components;
    size_t component_count;
} description;

/* 1, or 0 with a sentence in `error`. `json` must live as long as `out`. */
int description_read(const char *json, size_t length, description *out, char *error, size_t size);

#endif
