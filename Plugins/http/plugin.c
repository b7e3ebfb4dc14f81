/* The handler `request`: asks a server something, and makes a result of the answer. */
#include "berth_plugin.h"
#include "failure.h"
#include "settings.h"
#include "verdict.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const berth_host *host;

static void log_line(berth_context *context, int32_t level, const char *format, ...) {
    char line[1200];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0) host->log(context, level, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1, NULL, 0);
}

/* Queries may hold what is nobody's business. */
static void log_request(berth_context *context, const struct request *request) {
    char *url = NULL;
    if (curl_url_get(request->url, CURLUPART_URL, &url, 0) == CURLUE_OK)
        log_line(context, BERTH_LOG_INFO, "%s %.*s", request->method, (int)strcspn(url, "?#"), url);
    curl_free(url);
    if (request->ignored_body)
        log_line(context, BERTH_LOG_WARNING, "the body is not sent: %s has none", request->method);
}

static berth_status ask(berth_context *context, struct request *request) {
    struct response response = {.context = context, .most_bytes = (size_t)request->response_bytes};
    log_request(context, request);
    struct exchange exchange = exchange_make(request, &response);
    berth_status status = verdict_of(request, &response, &exchange);
    int is_answered = exchange.code == CURLE_OK && !exchange.stopped && !exchange.refusal;
    if (is_answered) {
        log_line(context, BERTH_LOG_INFO, "%ld after %lld ms, %llu bytes", response.status, (long long)exchange.milliseconds,
                 (unsigned long long)response.body_bytes);
        berth_status emitted = response_emit(&response, exchange.url ? exchange.url : "", exchange.redirects,
                                             exchange.milliseconds);
        if (status == BERTH_OK) status = emitted;
    }
    response_clear(&response);
    exchange_free(&exchange);
    return status;
}

static void begin(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

static berth_status execute(berth_context *context, const void *params, size_t length) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin);
    if (settings.fault) return failure(host, context, BERTH_FAIL_CONFIG, "%s", settings.fault);
    struct request *request = calloc(1, sizeof *request);
    if (!request) return BERTH_RETRY;
    const char *fault = request_read(request, params, length);
    berth_status status = fault ? failure(host, context, BERTH_FAIL_PARAMS, "%s", fault) : ask(context, request);
    request_free(request);
    free(request);
    return status;
}

static berth_status start(const void *config, size_t length) {
    settings_read(config, length);
    return BERTH_OK;
}

static const berth_handler handler = {.struct_size = sizeof(berth_handler), .execute = execute};

#define TEXT "{\"type\":\"string\",\"minLength\":1}"
#define SECRET "{\"type\":\"string\",\"x-secret\":true}"
#define TEXTS "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}"

static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_HANDLER,
        .id = "request",
        .title = "Calls a URL",
        .description = "An HTTP request with headers, body and credentials. The status of the answer decides; statuses that "
                       "may change and Retry-After say when to try again.",
        .params_schema =
            "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"url\"],\"properties\":{"
            "\"url\":" TEXT ",\"method\":" TEXT ",\"headers\":" TEXTS ",\"secret_headers\":" TEXTS ",\"query\":" TEXTS ","
            "\"body\":{},\"body_text\":{\"type\":\"string\"},\"env\":" TEXTS ","
            "\"expected_status\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":100,\"maximum\":599}},"
            "\"auth\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"type\"],\"properties\":{"
            "\"type\":{\"enum\":[\"basic\",\"bearer\"]},\"username\":{\"type\":\"string\"},\"password\":" SECRET ","
            "\"password_secret\":" TEXT ",\"token\":" SECRET ",\"token_secret\":" TEXT "}},"
            "\"redirects\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":50,\"default\":10},"
            "\"response_bytes\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":16777216,\"default\":1048576},"
            "\"tls\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"verify\":{\"type\":\"boolean\"},"
            "\"ca_file\":" TEXT ",\"ca\":" TEXT ",\"ca_secret\":" TEXT ",\"certificate\":" TEXT ","
            "\"certificate_secret\":" TEXT ",\"key\":" SECRET ",\"key_secret\":" TEXT "}}}}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_NETWORK | BERTH_FLAG_COOPERATIVE,
        .vtable = &handler,
    },
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "http";
    out->version = "1.0.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    out->start = start;
    return BERTH_OK;
}
