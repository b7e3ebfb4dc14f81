#include "response.h"
#include "failure.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern const berth_host *host;

static void append(json_writer *to, const char *bytes, size_t length) {
    char *grown = to->failed ? NULL : realloc(to->bytes, to->length + length + 1);
    to->failed = !grown;
    if (!grown) return;
    memcpy(grown + to->length, bytes, length);
    to->bytes = grown;
    to->length += length;
    grown[to->length] = 0;
}

void response_clear(struct response *response) {
    json_writer_free(&response->headers);
    json_writer_free(&response->body);
    response->body_bytes = response->total = 0;
}

size_t response_header(char *bytes, size_t size, size_t count, void *user) {
    struct response *response = user;
    size_t length = size * count;
    if (length >= 5 && strncasecmp(bytes, "HTTP/", 5) == 0) response_clear(response); /* after "100 Continue" another comes */
    else if (response->headers.length + length <= HEADER_BYTES) append(&response->headers, bytes, length);
    return length;
}

size_t response_body(char *bytes, size_t size, size_t count, void *user) {
    struct response *response = user;
    size_t length = size * count, room = response->most_bytes - response->body.length;
    append(&response->body, bytes, length < room ? length : room);
    response->body_bytes += length;
    host->progress(response->context, response->body_bytes, response->total, NULL, 0);
    return response->body.failed ? 0 : length;
}

/* ---- the result ------------------------------------------------------------------------------------------------- */

static void put_lower(json_writer *out, const char *name, size_t length) {
    char lower[256];
    if (length > sizeof lower) length = sizeof lower;
    for (size_t i = 0; i < length; i++) lower[i] = (char)tolower((unsigned char)name[i]);
    json_put_string(out, lower, length);
}

/* Name and value of the header line that begins at `line`; 0 when it is none. */
static int part(const char *line, size_t length, size_t *name, const char **value, size_t *value_length) {
    const char *colon = memchr(line, ':', length);
    if (!colon || colon == line) return 0;
    const char *end = line + length;
    *name = (size_t)(colon - line);
    for (*value = colon + 1; *value < end && strchr(" \t", **value); ++*value) {}
    while (end > *value && strchr(" \t\r\n", end[-1])) end--;
    *value_length = (size_t)(end - *value);
    return 1;
}

/* Headers that come twice stand twice; readers of JSON take the last. */
static void put_headers(json_writer *out, const json_writer *headers) {
    json_put_raw(out, "{");
    int count = 0;
    for (size_t at = 0; at < headers->length;) {
        const char *line = headers->bytes + at, *end = memchr(line, '\n', headers->length - at), *value;
        size_t length = end ? (size_t)(end - line) + 1 : headers->length - at, name, value_length;
        at += length;
        if (!part(line, length, &name, &value, &value_length)) continue;
        json_put_raw(out, count++ ? "," : "");
        put_lower(out, line, name);
        json_put_raw(out, ":");
        json_put_string(out, value, value_length);
    }
    json_put_raw(out, "}");
}

berth_status response_emit(struct response *response, const char *url, long redirects, int64_t milliseconds) {
    json_writer out = {0};
    json_put_raw(&out, "{\"status\":");
    json_put_integer(&out, response->status);
    json_put_raw(&out, ",\"url\":");
    json_put_string(&out, url, strlen(url));
    json_put_raw(&out, ",\"redirects\":");
    json_put_integer(&out, redirects);
    json_put_raw(&out, ",\"duration_ms\":");
    json_put_integer(&out, milliseconds);
    json_put_raw(&out, ",\"headers\":");
    put_headers(&out, &response->headers);
    json_put_raw(&out, ",\"body\":");
    json_put_string(&out, response->body.bytes ? response->body.bytes : "", response->body.length);
    json_put_raw(&out, ",\"body_bytes\":");
    json_put_unsigned(&out, response->body_bytes);
    json_put_raw(&out, response->body_bytes > response->body.length ? ",\"body_truncated\":true}" : ",\"body_truncated\":false}");
    berth_status status = out.failed ? BERTH_RETRY : host->emit(response->context, out.bytes, out.length, 0);
    json_writer_free(&out);
    if (status != BERTH_TOO_LARGE) return status;
    return failure(host, response->context, BERTH_FAIL, "the response is larger than the limit of outputs; ask for fewer "
                   "response_bytes");
}
