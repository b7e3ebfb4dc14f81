/* The engine that runs containers: HTTP over its Unix socket (Docker Engine API; podman answers the same). */
#ifndef ENGINE_H
#define ENGINE_H

#include "berth_plugin.h"
#include "json.h"

#include <curl/curl.h>

extern const berth_host *host;

#define MOST_ANSWER_BYTES (4u << 20)

struct engine {
    berth_context *context;
    const char *socket; /* path */
    /* Called while an answer is waited for, some times a second and whenever somebody asks to stop. 0 goes on, else the
     * call is broken off. Null: a stop breaks it off. */
    int (*watch)(void *user);
    void *user;
};

/* What takes the body of an answer that says 200, piece by piece; null: it is kept. */
typedef void (*engine_sink)(void *user, const char *bytes, size_t length);

struct answer {
    CURLcode code;
    long status; /* 0: none came */
    int is_refused; /* the sandbox gives no socket of this kind */
    json_writer body;
    char error[CURL_ERROR_SIZE];
};

/* [run] Null `body`: none. `path` begins with a slash. answer_free after it. */
struct answer engine_call(struct engine *engine, const char *method, const char *path, const char *body, const char *header,
                          engine_sink sink, void *user);
void answer_free(struct answer *answer);

/* For `watch`: to be waited for whatever is asked of us. */
int engine_patient(void *user);

/* A member of the answer's object, to be freed; null when there is none. */
char *answer_text(const struct answer *answer, const char *name);

/* The path's part for a value that is not ours: percent-encoded; to be freed. */
char *engine_escaped(const char *text);

/* Why the call did not do what it should, as a code with set_error. `what` completes "cannot …". */
berth_status engine_failed(struct engine *engine, const struct answer *answer, const char *what);

#endif
