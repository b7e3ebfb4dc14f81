#include "engine.h"
#include "failure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct call {
    struct answer *answer;
    CURLM *multi; /* of this call alone: another may be made while this one is waited for */
    CURL *easy;
    engine_sink sink;
    void *user;
};

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    struct answer *answer = user;
    (void)purpose;
    int opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    answer->is_refused = opened < 0 && (errno == EACCES || errno == EPERM);
    return opened < 0 ? CURL_SOCKET_BAD : opened;
}

static void keep(json_writer *body, const char *bytes, size_t length) {
    size_t room = MOST_ANSWER_BYTES - body->length;
    if (length > room) length = room;
    char *grown = body->failed ? NULL : realloc(body->bytes, body->length + length + 1);
    body->failed = !grown;
    if (!grown) return;
    memcpy(grown + body->length, bytes, length);
    body->bytes = grown;
    body->length += length;
    grown[body->length] = 0;
}

static size_t take(char *bytes, size_t size, size_t count, void *user) {
    struct call *call = user;
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (call->sink && status == 200) call->sink(call->user, bytes, size * count);
    else keep(&call->answer->body, bytes, size * count);
    return size * count;
}

static int is_to_be_broken_off(struct engine *engine) {
    if (engine->watch) return engine->watch(engine->user);
    return host->cancel_state(engine->context) != BERTH_RUN_ON;
}

/* Until the stop is asked for its descriptor wakes us; from then on it is always readable, and we look up by the clock. */
static void drive(struct engine *engine, struct call *call) {
    struct curl_waitfd stop = {.fd = host->cancel_descriptor(engine->context), .events = CURL_WAIT_POLLIN};
    int running = 1, left;
    while (!is_to_be_broken_off(engine)) {
        if (curl_multi_perform(call->multi, &running) != CURLM_OK || !running) break;
        host->heartbeat(engine->context);
        int wakes = stop.fd >= 0 && host->cancel_state(engine->context) == BERTH_RUN_ON;
        curl_multi_poll(call->multi, &stop, (unsigned)wakes, wakes ? 500 : 50, NULL);
    }
    CURLMsg *message = curl_multi_info_read(call->multi, &left);
    call->answer->code = message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_ABORTED_BY_CALLBACK;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &call->answer->status);
}

static void set(CURL *easy, struct engine *engine, struct call *call, const char *method, const char *url, const char *body) {
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, engine->socket);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->answer->error);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call->answer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    if (strcmp(method, "POST") != 0) return;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)(body ? strlen(body) : 0));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body ? body : "");
}

struct answer engine_call(struct engine *engine, const char *method, const char *path, const char *body, const char *header,
                          engine_sink sink, void *user) {
    struct answer answer = {.code = CURLE_OUT_OF_MEMORY};
    struct call call = {.answer = &answer, .multi = curl_multi_init(), .easy = curl_easy_init(), .sink = sink, .user = user};
    char *url = NULL;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (headers && header) curl_slist_append(headers, header);
    if (call.multi && call.easy && headers && asprintf(&url, "http://localhost%s", path) >= 0) {
        set(call.easy, engine, &call, method, url, body);
        curl_easy_setopt(call.easy, CURLOPT_HTTPHEADER, headers);
        curl_multi_add_handle(call.multi, call.easy);
        drive(engine, &call);
        curl_multi_remove_handle(call.multi, call.easy);
    }
    curl_easy_cleanup(call.easy);
    curl_multi_cleanup(call.multi);
    curl_slist_free_all(headers);
    free(url);
    return answer;
}

int engine_patient(void *user) {
    (void)user;
    return 0;
}

void answer_free(struct answer *answer) { json_writer_free(&answer->body); }

char *answer_text(const struct answer *answer, const char *name) {
    json_value root;
    if (!answer->body.bytes || !json_parse(answer->body.bytes, answer->body.length, &root)) return NULL;
    return json_text(json_member(root, name));
}

char *engine_escaped(const char *text) {
    char *escaped = curl_easy_escape(NULL, text, 0), *copy = escaped ? strdup(escaped) : NULL;
    curl_free(escaped);
    return copy;
}

/* ---- failures --------------------------------------------------------------------------------------------------- */

static berth_status unreached(struct engine *engine, const struct answer *answer) {
    if (answer->is_refused)
        return failure(host, engine->context, BERTH_FAIL_CONFIG,
                       "the sandbox gives no Unix sockets, by which the engine is reached: plugins: {container: {grants: "
                       "[network], sandbox: {SystemCallFilter: no}}} in berth.yaml gives them");
    return failure(host, engine->context, BERTH_RETRY_DEPENDENCY, "cannot reach the engine at %s: %s", engine->socket,
                   answer->error[0] ? answer->error : curl_easy_strerror(answer->code));
}

berth_status engine_failed(struct engine *engine, const struct answer *answer, const char *what) {
    if (answer->code == CURLE_OUT_OF_MEMORY) return BERTH_RETRY;
    if (host->cancel_state(engine->context) != BERTH_RUN_ON && answer->code == CURLE_ABORTED_BY_CALLBACK)
        return host->monotonic_ns() >= host->deadline_ns(engine->context) ? BERTH_TIMED_OUT : BERTH_CANCELLED;
    if (answer->status == 0) return unreached(engine, answer);
    char *message = answer_text(answer, "message");
    berth_status code = answer->status >= 500 ? BERTH_RETRY_DEPENDENCY : answer->status == 409 ? BERTH_RETRY : BERTH_FAIL;
    failure(host, engine->context, code, "cannot %s: %s (%ld)", what, message ? message : "the engine says no more", answer->status);
    free(message);
    return code;
}
