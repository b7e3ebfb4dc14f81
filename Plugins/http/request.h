/* What is to be asked of which server, as the params say it. */
#ifndef REQUEST_H
#define REQUEST_H

#include "json.h"

#include <curl/curl.h>

#define FAULT_BYTES 600
#define MOST_REDIRECTS 50
#define MOST_RESPONSE_BYTES (16u << 20)

struct request {
    char *method;
    CURLU *url;
    struct curl_slist *headers; /* may go to any server */
    struct curl_slist *secrets; /* headers for the first server alone: credentials */
    char *body;                 /* null: none */
    size_t body_length;
    int64_t *expected; /* statuses; expected_count 0: below 400 */
    size_t expected_count;
    int64_t redirects;
    int64_t response_bytes; /* kept of a response */
    int ignored_body;       /* one was given with a method that has none */
    int is_unverified;
    char *ca_file;
    char *ca, *certificate, *key; /* PEM */
    char **environment;
    char fault[FAULT_BYTES];
};

/* Reads the params; null, or what is wrong with them. request_free either way. */
const char *request_read(struct request *request, const void *params, size_t length);
void request_free(struct request *request);

/* Says in `fault` what is wrong. */
__attribute__((format(printf, 2, 3))) const char *request_fault(struct request *request, const char *format, ...);

#endif
