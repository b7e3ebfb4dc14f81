/* A small, strict JSON reader and writer. Reading allocates nothing but decoded texts: json_parse checks the whole
 * document once, and a json_value is then a view of one value inside it, good as long as the document's bytes are. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JSON_MAX_DEPTH 64

typedef enum json_kind {
    JSON_NONE, /* no value: a missing member */
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
} json_kind;

typedef struct json_value {
    json_kind kind;
    const char *text; /* the value as it stands in the document */
    size_t length;
} json_value;

/* 1 when `bytes` are exactly one JSON value (RFC 8259, UTF-8, at most JSON_MAX_DEPTH deep), else 0; `*out` is then
 * JSON_NONE. */
int json_parse(const void *bytes, size_t length, json_value *out);

/* The member `key` of an object, the last one when there are several; JSON_NONE when there is none. */
json_value json_member(json_value object, const char *key);

/* Steps through an array's elements or an object's members. Start with *position = 0. `key` may be null; for objects it
 * receives the member's name as a JSON_STRING. 0 at the end. */
int json_next(json_value container, size_t *position, json_value *key, json_value *value);

/* The text of a JSON_STRING, NUL-terminated, to be freed by the caller. Null when the value is no string, when the text
 * has a NUL inside, or when memory is short. */
char *json_text(json_value value);

/* 1 and the value when it is of that kind (an integer: within int64_t, without fraction), else 0. */
int json_bool(json_value value, int *out);
int json_integer(json_value value, int64_t *out);
int json_real(json_value value, double *out);

/* A growing buffer. When memory runs short `failed` is set and everything after is ignored: check it once at the end. */
typedef struct json_writer {
    char *bytes;
    size_t length;
    size_t capacity;
    int failed;
} json_writer;

void json_put_raw(json_writer *out, const char *text);                    /* punctuation, as it is */
void json_put_string(json_writer *out, const char *text, size_t length);  /* quoted; invalid UTF-8 becomes U+FFFD */
void json_put_escaped(json_writer *out, const char *text, size_t length); /* the same without the quotes */
void json_put_integer(json_writer *out, int64_t number);
void json_put_unsigned(json_writer *out, uint64_t number);
void json_writer_free(json_writer *out);

#ifdef __cplusplus
}
#endif

#endif
