#include "exchange.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

extern const berth_host *host;

/* ---- one transfer ----------------------------------------------------------------------------------------------- */

/* Called with every address that a name stands for, before it is connected to. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    struct exchange *exchange = user;
    (void)purpose;
    if (settings_allow(&address->addr))
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    exchange->address_refused = 1;
    return CURL_SOCKET_BAD;
}

static void set_blob(CURL *easy, CURLoption option, char *text) {
    if (text) curl_easy_setopt(easy, option, &((struct curl_blob){.data = text, .len = strlen(text), .flags = CURL_BLOB_COPY}));
}

static void set_tls(CURL *easy, const struct request *request) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request->is_unverified ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request->is_unverified ? 0L : 2L);
    if (request->ca_file) curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
    set_blob(easy, CURLOPT_CAINFO_BLOB, request->ca);
    set_blob(easy, CURLOPT_SSLCERT_BLOB, request->certificate);
    set_blob(easy, CURLOPT_SSLKEY_BLOB, request->key);
}

static void set_method(CURL *easy, const struct request *request, const char *method) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    if (strcmp(method, "HEAD") == 0) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    int has_body = strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 && strcmp(method, "OPTIONS") != 0;
    if (!has_body || (!request->body && strcmp(method, "DELETE") == 0)) return;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
}

static CURL *prepare(struct request *request, struct response *response, struct exchange *exchange) {
    CURL *easy = curl_easy_init();
    if (!easy) return NULL;
    curl_easy_setopt(easy, CURLOPT_CURLU, request->url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->error);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, response_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, response);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, response_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, response);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    set_tls(easy, request);
    return easy;
}

static berth_status asked_to_stop(berth_context *context) {
    if (host->cancel_state(context) == BERTH_RUN_ON) return BERTH_OK;
    return host->monotonic_ns() >= host->deadline_ns(context) ? BERTH_TIMED_OUT : BERTH_CANCELLED;
}

static void note_length(CURL *easy, struct response *response) {
    curl_off_t length = 0;
    if (curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK && length > 0)
        response->total = (uint64_t)length;
}

/* Runs it to its end, looking up for a stop; the descriptor wakes us, and where there is none a short wait does. */
static void drive(CURLM *multi, CURL *easy, struct response *response, struct exchange *exchange) {
    struct curl_waitfd stop = {.fd = host->cancel_descriptor(response->context), .events = CURL_WAIT_POLLIN};
    int running = 1, left;
    while ((exchange->stopped = asked_to_stop(response->context)) == BERTH_OK) {
        if (curl_multi_perform(multi, &running) != CURLM_OK || !running) break;
        host->heartbeat(response->context);
        note_length(easy, response);
        curl_multi_poll(multi, &stop, stop.fd >= 0, stop.fd >= 0 ? 1000 : 50, NULL);
    }
    CURLMsg *message = curl_multi_info_read(multi, &left);
    exchange->code = message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_ABORTED_BY_CALLBACK;
    /* A name that nobody answers for is still being looked up, on a thread that would be waited for. */
    if (exchange->stopped) curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

static struct curl_slist *all_headers(const struct request *request) {
    struct curl_slist *all = curl_slist_append(NULL, "Expect:");
    for (const struct curl_slist *at = request->headers; at; at = at->next) all = curl_slist_append(all, at->data);
    for (const struct curl_slist *at = request->secrets; at; at = at->next) all = curl_slist_append(all, at->data);
    return all;
}

/* What of the answer is needed once the handle is gone; the redirect that it asks for, or null. */
static char *take(CURL *easy, struct response *response, struct exchange *exchange) {
    char *url = NULL, *next = NULL;
    curl_off_t wait = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &next);
    if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0)
        exchange->retry_after_ms = wait < 86400 ? wait * 1000 : 86400000;
    if (curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url) == CURLE_OK && url) {
        free(exchange->url);
        exchange->url = strdup(url);
    }
    return next ? strdup(next) : NULL;
}

static char *transfer(CURLM *multi, struct request *request, const char *method, struct response *response,
                      struct exchange *exchange) {
    CURL *easy = prepare(request, response, exchange);
    struct curl_slist *headers = all_headers(request);
    char *next = NULL;
    exchange->code = CURLE_OUT_OF_MEMORY;
    if (easy && headers) {
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "berth-http/1.0"); /* a header of the request's own replaces it */
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        set_method(easy, request, method);
        curl_multi_add_handle(multi, easy);
        drive(multi, easy, response, exchange);
        next = take(easy, response, exchange);
        curl_multi_remove_handle(multi, easy);
    }
    if (easy) curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    return next;
}

/* ---- redirects -------------------------------------------------------------------------------------------------- */

static int is_same_server(CURLU *a, CURLU *b) {
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    int same = 1;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char *left = NULL, *right = NULL;
        curl_url_get(a, parts[i], &left, CURLU_DEFAULT_PORT);
        curl_url_get(b, parts[i], &right, CURLU_DEFAULT_PORT);
        same &= left && right && strcasecmp(left, right) == 0;
        curl_free(left), curl_free(right);
    }
    return same;
}

/* Turns the request to where the answer points; null, or why it may not go there. Credentials stay with their server. */
static const char *turn(struct request *request, const char *next) {
    CURLU *url = curl_url();
    if (!url || curl_url_set(url, CURLUPART_URL, next, 0) != CURLUE_OK) {
        curl_url_cleanup(url);
        return request_fault(request, "the server sends us on to \"%.300s\", which is no URL", next);
    }
    if (!is_same_server(request->url, url)) {
        curl_slist_free_all(request->secrets);
        request->secrets = NULL;
    }
    curl_url_cleanup(request->url);
    request->url = url;
    return settings_judge(request, url);
}

/* 303 asks for another page, and so do, as browsers have it, 301 and 302 after a POST. */
static const char *method_after(const char *method, long status) {
    int is_post = strcmp(method, "POST") == 0, is_head = strcmp(method, "HEAD") == 0;
    return (status == 303 && !is_head) || (is_post && (status == 301 || status == 302)) ? "GET" : method;
}

static int leads_on(long status) { return (status >= 301 && status <= 303) || status == 307 || status == 308; }

struct exchange exchange_make(struct request *request, struct response *response) {
    struct exchange exchange = {0};
    const char *method = request->method;
    int64_t began = host->monotonic_ns();
    CURLM *multi = curl_multi_init();
    if (!multi) exchange.code = CURLE_OUT_OF_MEMORY;
    while (multi) {
        char *next = transfer(multi, request, method, response, &exchange);
        int goes_on = next && exchange.code == CURLE_OK && leads_on(response->status) && request->redirects > 0;
        if (goes_on && exchange.redirects == request->redirects)
            exchange.refusal = request_fault(request, "more than %ld redirects", exchange.redirects);
        if (goes_on && !exchange.refusal) {
            method = method_after(method, response->status);
            exchange.redirects++;
            exchange.refusal = turn(request, next);
        }
        free(next);
        if (!goes_on || exchange.refusal) break;
    }
    curl_multi_cleanup(multi);
    exchange.milliseconds = (host->monotonic_ns() - began) / 1000000;
    return exchange;
}

void exchange_free(struct exchange *exchange) { free(exchange->url); }
