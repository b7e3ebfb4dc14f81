#include "request.h"
#include "credentials.h"
#include "environment.h"
#include "settings.h"
#include "variables.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char NO_MEMORY[] = "memory is short";

const char *request_fault(struct request *request, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(request->fault, sizeof request->fault, format, arguments);
    va_end(arguments);
    return request->fault;
}

static char *filled(struct request *request, json_value value) {
    return variables_filled(json_text(value), request->environment);
}

/* ---- method and URL --------------------------------------------------------------------------------------------- */

static const char *read_method(struct request *request, json_value given) {
    static const char *const known[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", NULL};
    request->method = given.kind == JSON_NONE ? strdup("GET") : json_text(given);
    for (const char *const *method = known; request->method && *method; method++)
        if (strcasecmp(*method, request->method) == 0) {
            memcpy(request->method, *method, strlen(*method));
            return NULL;
        }
    return "\"method\" must be GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS";
}

static const char *read_query(struct request *request, json_value query) {
    if (query.kind != JSON_NONE && query.kind != JSON_OBJECT) return "\"query\" must be an object of texts: {\"page\": \"2\"}";
    size_t position = 0;
    json_value name, value;
    while (json_next(query, &position, &name, &value)) {
        char *left = json_text(name), *right = filled(request, value), *pair = NULL;
        int fits = left && right && asprintf(&pair, "%s=%s", left, right) >= 0;
        if (fits) fits = curl_url_set(request->url, CURLUPART_QUERY, pair, CURLU_APPENDQUERY | CURLU_URLENCODE) == CURLUE_OK;
        free(left), free(right), free(pair);
        if (!fits) return "\"query\" must hold texts: {\"page\": \"2\"}";
    }
    return NULL;
}

static const char *read_url(struct request *request, json_value root) {
    char *text = filled(request, json_member(root, "url")), *user = NULL;
    request->url = curl_url();
    if (!request->url) return NO_MEMORY;
    CURLUcode code = text ? curl_url_set(request->url, CURLUPART_URL, text, 0) : CURLUE_MALFORMED_INPUT;
    const char *fault = NULL;
    if (!text) fault = "\"url\" must be a text: {\"url\": \"https://example.org/hook\"}";
    else if (code) fault = request_fault(request, "\"%.200s\" is no URL: %s", text, curl_url_strerror(code));
    free(text);
    if (!fault && curl_url_get(request->url, CURLUPART_USER, &user, 0) == CURLUE_OK)
        fault = "the URL holds a name or a password, and URLs are shown: put them into \"auth\"";
    curl_free(user);
    if (!fault) fault = read_query(request, json_member(root, "query"));
    return fault ? fault : settings_judge(request, request->url);
}

/* ---- headers and body ------------------------------------------------------------------------------------------- */

static int has_header(const struct curl_slist *list, const char *name) {
    size_t length = strlen(name);
    for (; list; list = list->next)
        if (strncasecmp(list->data, name, length) == 0 && strchr(":;", list->data[length])) return 1;
    return 0;
}

static const char *read_headers(struct request *request, json_value headers) {
    if (headers.kind != JSON_NONE && headers.kind != JSON_OBJECT)
        return "\"headers\" must be an object of texts: {\"Accept\": \"application/json\"}";
    size_t position = 0;
    json_value name, value;
    while (json_next(headers, &position, &name, &value)) {
        char *left = json_text(name), *right = filled(request, value);
        const char *fault = left && right ? credentials_header(request, left, right) : "\"headers\" must hold texts";
        free(left), free(right);
        if (fault) return fault;
    }
    return NULL;
}

/* JSON as it was written, with the values of variables put into its texts. */
static void fill_json(struct request *request, json_value body) {
    json_writer out = {0};
    for (size_t i = 0; i < body.length;) {
        const char *at = body.text + i;
        size_t run = 0;
        while (i + run < body.length && strncmp(at + run, "${", 2) != 0) run++;
        char *piece = strndup(at, run);
        if (piece) json_put_raw(&out, piece);
        free(piece);
        i += run;
        const char *end = i < body.length ? memchr(body.text + i, '}', body.length - i) : NULL;
        if (i == body.length) break;
        char *name = strndup(body.text + i + 2, end ? (size_t)(end - body.text) - i - 2 : 0);
        const char *value = name && end ? environment_find(request->environment, name) : NULL;
        free(name);
        if (value) json_put_escaped(&out, value, strlen(value));
        else json_put_raw(&out, "${");
        i = value ? (size_t)(end - body.text) + 1 : i + 2;
    }
    request->body = out.bytes;
    request->body_length = out.failed ? 0 : out.length;
}

static const char *read_body(struct request *request, json_value root) {
    json_value body = json_member(root, "body"), text = json_member(root, "body_text");
    if (body.kind == JSON_NONE && text.kind == JSON_NONE) return NULL;
    if (body.kind != JSON_NONE && text.kind != JSON_NONE) return "give either \"body\", which is JSON, or \"body_text\"";
    if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0) {
        request->ignored_body = 1;
        return NULL;
    }
    if (body.kind != JSON_NONE) fill_json(request, body);
    else if ((request->body = filled(request, text))) request->body_length = strlen(request->body);
    if (!request->body) return "\"body_text\" must be a text without NUL";
    if (has_header(request->headers, "Content-Type")) return NULL;
    const char *type = body.kind == JSON_NONE ? "text/plain; charset=utf-8" : "application/json";
    return credentials_header(request, "Content-Type", type);
}

/* ---- what is made of the answer --------------------------------------------------------------------------------- */

static const char *read_expected(struct request *request, json_value list) {
    if (list.kind == JSON_NONE || list.kind == JSON_NULL) return NULL;
    if (list.kind != JSON_ARRAY) return "\"expected_status\" must be a list of numbers: [200, 204]";
    size_t position = 0, room = 0;
    json_value element;
    while (json_next(list, &position, NULL, &element)) room++;
    request->expected = calloc(room + 1, sizeof *request->expected);
    if (!request->expected) return NO_MEMORY;
    position = 0;
    while (json_next(list, &position, NULL, &element))
        if (!json_integer(element, &request->expected[request->expected_count++]))
            return "\"expected_status\" must be a list of numbers: [200, 204]";
    return NULL;
}

static const char *read_number(json_value value, int64_t most, int64_t *out, const char *fault) {
    if (value.kind == JSON_NONE) return NULL;
    return json_integer(value, out) && *out >= 0 && *out <= most ? NULL : fault;
}

static const char *read_limits(struct request *request, json_value root) {
    request->redirects = 10;
    request->response_bytes = 1 << 20;
    const char *fault = read_number(json_member(root, "redirects"), MOST_REDIRECTS, &request->redirects,
                                    "\"redirects\" must be a number from 0 to 50");
    if (fault) return fault;
    return read_number(json_member(root, "response_bytes"), MOST_RESPONSE_BYTES, &request->response_bytes,
                       "\"response_bytes\" must be a number from 0 to 16777216");
}

const char *request_read(struct request *request, const void *params, size_t length) {
    json_value root;
    if (!json_parse(params, length, &root) || root.kind != JSON_OBJECT) return "the params must be a JSON object";
    const char *fault = environment_read(json_member(root, "env"), &request->environment);
    if (!fault) fault = read_method(request, json_member(root, "method"));
    if (!fault) fault = read_url(request, root);
    if (!fault) fault = read_headers(request, json_member(root, "headers"));
    if (!fault) fault = read_body(request, root);
    if (!fault) fault = read_expected(request, json_member(root, "expected_status"));
    if (!fault) fault = read_limits(request, root);
    return fault ? fault : credentials_read(request, root);
}

void request_free(struct request *request) {
    free(request->method);
    if (request->url) curl_url_cleanup(request->url);
    curl_slist_free_all(request->headers);
    curl_slist_free_all(request->secrets);
    free(request->body);
    free(request->expected);
    free(request->ca_file);
    free(request->ca);
    free(request->certificate);
    free(request->key);
    texts_free(request->environment);
}
