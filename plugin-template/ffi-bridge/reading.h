/* Reading maps out of a description: every refusal says where it is and ends the reading. */
#ifndef READING_H
#define READING_H

#include "description.h"

typedef struct reading reading;

/* Runs `read`; 1, or 0 with the refusal in `error`. */
int reading_try(void (*read)(reading *, const void *source, description *out), const void *source, description *out,
                char *error, size_t size);

_Noreturn void refuse(reading *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Names the place that is read next, such as components[2]; leave() with what enter() answered. */
size_t enter(reading *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void leave(reading *r, size_t depth);

/* Zeroed memory that is never freed. */
void *keep(reading *r, size_t size);

const char *need_text(reading *r, json_value object, const char *key);
const char *text_or_null(reading *r, json_value object, const char *key);
int64_t integer_or(reading *r, json_value object, const char *key, int64_t otherwise);
const char *need_id(reading *r, json_value object);

/* Refuses members whose names are not in the list. */
void known_members(reading *r, json_value object, const char *const *names);

int is_c_name(const char *text);

#endif
