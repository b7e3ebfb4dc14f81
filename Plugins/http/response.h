/* What came back: status, headers and the beginning of the body. */
#ifndef RESPONSE_H
#define RESPONSE_H

#include "berth_plugin.h"
#include "json.h"

#define HEADER_BYTES 65536

struct response {
    berth_context *context;
    long status;
    json_writer headers; /* the lines of the last answer */
    json_writer body;    /* its first bytes */
    size_t most_bytes;   /* that are kept */
    uint64_t body_bytes; /* that came */
    uint64_t total;      /* that were announced; 0 when they were not */
};

/* Callbacks of libcurl; `user` is the response. */
size_t response_header(char *bytes, size_t size, size_t count, void *user);
size_t response_body(char *bytes, size_t size, size_t count, void *user);

/* Emits the response; `url` is the one that answered. */
berth_status response_emit(struct response *response, const char *url, long redirects, int64_t milliseconds);

/* Forgets the answer, before the next one. */
void response_clear(struct response *response);

#endif
