#include "verdict.h"

#include <stdio.h>
#include <string.h>

extern const berth_host *host;

#define REASON_BYTES 1500

static berth_status fail(const struct response *response, berth_status code, int64_t retry_after_ms, const char *text) {
    host->set_error(response->context, code, code < BERTH_FAIL ? (uint32_t)retry_after_ms : 0, text, strlen(text));
    return code;
}

/* ---- no answer -------------------------------------------------------------------------------------------------- */

static berth_status code_of(CURLcode code) {
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return BERTH_FAIL_PARAMS;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER: return BERTH_FAIL_CONFIG;
    case CURLE_OUT_OF_MEMORY: return BERTH_RETRY;
    default: return BERTH_RETRY_DEPENDENCY;
    }
}

static const char *advice(CURLcode code) {
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION: return "; a certificate of one's own authority goes into tls.ca_file or tls.ca_secret";
    case CURLE_SSL_CACERT_BADFILE: return "; grant the file with access.read";
    default: return "";
    }
}

static berth_status unanswered(const struct request *request, const struct response *response,
                               const struct exchange *exchange) {
    char text[REASON_BYTES];
    const char *url = exchange->url ? exchange->url : "";
    int without_query = (int)strcspn(url, "?#");
    if (exchange->address_refused) {
        snprintf(text, sizeof text, "%s %.*s: its address is private, and the operator allows public ones alone "
                 "(private_addresses: false)", request->method, without_query, url);
        return fail(response, BERTH_FAIL_PARAMS, 0, text);
    }
    const char *why = exchange->error[0] ? exchange->error : curl_easy_strerror(exchange->code);
    snprintf(text, sizeof text, "%s %.*s: %s%s", request->method, without_query, url, why, advice(exchange->code));
    return fail(response, code_of(exchange->code), 0, text);
}

/* ---- an answer -------------------------------------------------------------------------------------------------- */

static int is_expected(const struct request *request, long status) {
    for (size_t i = 0; i < request->expected_count; i++)
        if (request->expected[i] == status) return 1;
    return request->expected_count == 0 && status < 400;
}

/* Whether the same request may get another answer later. */
static berth_status code_of_status(long status) {
    if (status == 429 || status == 503) return BERTH_RETRY_BUSY;
    if (status == 408 || status == 425 || (status >= 500 && status != 501 && status != 505)) return BERTH_RETRY;
    return BERTH_FAIL;
}

static berth_status unexpected(const struct request *request, const struct response *response,
                               const struct exchange *exchange) {
    char text[REASON_BYTES];
    const char *url = exchange->url ? exchange->url : "", *body = response->body.bytes ? response->body.bytes : "";
    size_t shown = response->body.length < 500 ? response->body.length : 500;
    while (shown && shown < response->body.length && (body[shown] & 0xC0) == 0x80) shown--; /* not inside a character */
    snprintf(text, sizeof text, "%s %.*s answered %ld%s%.*s", request->method, (int)strcspn(url, "?#"), url, response->status,
             shown ? ": " : "", (int)shown, body);
    return fail(response, code_of_status(response->status), exchange->retry_after_ms, text);
}

berth_status verdict_of(const struct request *request, const struct response *response, const struct exchange *exchange) {
    if (exchange->stopped) return exchange->stopped;
    if (exchange->refusal) return fail(response, BERTH_FAIL_PARAMS, 0, exchange->refusal);
    if (exchange->code != CURLE_OK) return unanswered(request, response, exchange);
    return is_expected(request, response->status) ? BERTH_OK : unexpected(request, response, exchange);
}
