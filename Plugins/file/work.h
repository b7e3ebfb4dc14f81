/* One attempt at an action: its params, how far it is, and the ways out. */
#ifndef WORK_H
#define WORK_H

#include "berth_plugin.h"
#include "json.h"

extern const berth_host *host;

struct work {
    berth_context *context;
    json_value params;
    int64_t began;   /* monotonic_ns */
    uint64_t done;   /* bytes read or files seen */
    json_writer out; /* the result so far */
};

/* BERTH_OK while nobody asked to stop; else the code to return. Says that we are alive, and how far. */
berth_status work_go_on(struct work *work, uint64_t more);

/* Ends the attempt with a reason; a failure of the system may go away. */
__attribute__((format(printf, 3, 4))) berth_status work_fail(struct work *work, berth_status code, const char *format, ...);
berth_status work_failed_at(struct work *work, const char *what, const char *path);

__attribute__((format(printf, 3, 4))) void work_log(struct work *work, int32_t level, const char *format, ...);

/* Params. A text must be there and be one; a flag is 0 when it is not there. Texts are freed by the caller. */
berth_status work_text(struct work *work, const char *name, char **out);
berth_status work_flag(struct work *work, const char *name, int *out);
berth_status work_number(struct work *work, const char *name, int64_t least, int64_t most, int64_t *out);

/* Members of the result, in the order they are put. */
void put_text(struct work *work, const char *name, const char *text);
void put_number(struct work *work, const char *name, uint64_t number);
void put_flag(struct work *work, const char *name, int flag);
/* Two members: `name` as people read sizes, and `bytes_name` as a number. */
void put_size(struct work *work, const char *name, const char *bytes_name, uint64_t bytes);

/* Ends and emits the result. */
berth_status work_finish(struct work *work);

#endif
