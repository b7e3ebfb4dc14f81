/* One request and its answer, redirects followed. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "request.h"
#include "response.h"

/* How it went, beside the response. */
struct exchange {
    CURLcode code;
    berth_status stopped; /* BERTH_CANCELLED or BERTH_TIMED_OUT, else BERTH_OK */
    const char *refusal;  /* a redirect to where we may not go; null */
    int address_refused;
    long redirects;
    int64_t retry_after_ms;
    int64_t milliseconds;
    char *url; /* of the last request */
    char error[CURL_ERROR_SIZE];
};

/* [run] Returns when there is an answer, when there will be none, or soon after somebody asked to stop. */
struct exchange exchange_make(struct request *request, struct response *response);
void exchange_free(struct exchange *exchange);

#endif
