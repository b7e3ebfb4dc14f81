#include "credentials.h"
#include "berth_plugin.h"
#include "environment.h"
#include "settings.h"
#include "variables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern const berth_host *host;

#define SECRET_BYTES 65536

static const char *given(struct request *request, json_value value, char **out) {
    *out = variables_filled(json_text(value), request->environment);
    return *out ? NULL : "passwords, tokens and names of secrets must be texts";
}

/* The operator's secret of that name. */
static const char *secret(struct request *request, json_value name, char **out) {
    const berth_secret *secrets = host->extension(BERTH_EXTENSION_SECRET);
    char *text = json_text(name);
    if (!text) return "passwords, tokens and names of secrets must be texts";
    size_t length = SECRET_BYTES;
    char *value = malloc(length + 1);
    berth_status status = secrets && value ? secrets->get(text, strlen(text), value, &length) : BERTH_NOT_FOUND;
    if (status == BERTH_OK) {
        value[length] = 0;
        *out = value;
    } else {
        free(value);
        request_fault(request, "the operator gave no secret \"%.100s\"; plugins: {http: {secrets: {\"%.100s\": …}}} in "
                      "berth.yaml does", text, text);
    }
    free(text);
    return status == BERTH_OK ? NULL : request->fault;
}

/* The member `name`, or the secret that the member `name_secret` names. Null stays where there is neither. */
static const char *value_or_secret(struct request *request, json_value object, const char *name, char **out) {
    char with_secret[64];
    snprintf(with_secret, sizeof with_secret, "%s_secret", name);
    json_value plain = json_member(object, name), named = json_member(object, with_secret);
    if (plain.kind != JSON_NONE && named.kind != JSON_NONE)
        return request_fault(request, "give either \"%s\" or \"%s\"", name, with_secret);
    if (plain.kind != JSON_NONE) return given(request, plain, out);
    return named.kind == JSON_NONE ? NULL : secret(request, named, out);
}

/* ---- headers ---------------------------------------------------------------------------------------------------- */

/* Those that a server we are sent on to has no business with. */
static int is_credential(const char *name) {
    static const char *const names[] = {"Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key", NULL};
    for (const char *const *known = names; *known; known++)
        if (strcasecmp(*known, name) == 0) return 1;
    return 0;
}

static const char *add(struct curl_slist **list, const char *name, const char *value) {
    char *line = NULL;
    if (asprintf(&line, *value ? "%s: %s" : "%s;", name, value) < 0) return "memory is short";
    struct curl_slist *longer = curl_slist_append(*list, line);
    free(line);
    if (longer) *list = longer;
    return longer ? NULL : "memory is short";
}

static const char *header(struct request *request, struct curl_slist **list, const char *name, const char *value) {
    if (!*name || strpbrk(name, " \t\r\n:;\"(),/<=>?@[\\]{}") || strpbrk(value, "\r\n"))
        return request_fault(request, "the header \"%.100s\" has a character that no header may have", name);
    return add(list, name, value);
}

const char *credentials_header(struct request *request, const char *name, const char *value) {
    return header(request, is_credential(name) ? &request->secrets : &request->headers, name, value);
}

static const char *read_secret_headers(struct request *request, json_value headers) {
    if (headers.kind != JSON_NONE && headers.kind != JSON_OBJECT)
        return "\"secret_headers\" must be an object of names of secrets: {\"X-Api-Key\": \"key\"}";
    size_t position = 0;
    json_value name, value;
    while (json_next(headers, &position, &name, &value)) {
        char *left = json_text(name), *right = NULL;
        const char *fault = left ? secret(request, value, &right) : "\"secret_headers\" must hold texts";
        if (!fault) fault = header(request, &request->secrets, left, right);
        free(left), free(right);
        if (fault) return fault;
    }
    return NULL;
}

/* ---- auth ------------------------------------------------------------------------------------------------------- */

static char *base64(const char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)text;
    size_t length = strlen(text);
    char *out = calloc(1, (length + 2) / 3 * 4 + 1), *at = out;
    for (size_t i = 0; out && i < length; i += 3) {
        size_t left = length - i;
        unsigned bits = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
        *at++ = digits[bits >> 18];
        *at++ = digits[bits >> 12 & 63];
        *at++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *at++ = left > 2 ? digits[bits & 63] : '=';
    }
    return out;
}

static const char *authorize(struct request *request, const char *scheme, const char *value) {
    char *line = NULL;
    const char *fault = value && asprintf(&line, "%s %s", scheme, value) >= 0 ? NULL : "memory is short";
    if (!fault) fault = header(request, &request->secrets, "Authorization", line);
    free(line);
    return fault;
}

static const char *read_basic(struct request *request, json_value auth) {
    char *user = json_text(json_member(auth, "username")), *password = NULL, *both = NULL;
    const char *fault = user && !strchr(user, ':') ? NULL : "\"username\" must be a text without a colon";
    if (!fault) fault = value_or_secret(request, auth, "password", &password);
    if (!fault && asprintf(&both, "%s:%s", user, password ? password : "") < 0) fault = "memory is short";
    char *encoded = fault ? NULL : base64(both);
    if (!fault) fault = authorize(request, "Basic", encoded);
    free(user), free(password), free(both), free(encoded);
    return fault;
}

static const char *read_bearer(struct request *request, json_value auth) {
    char *token = NULL;
    const char *fault = value_or_secret(request, auth, "token", &token);
    if (!fault && !token) fault = "\"auth\" of type bearer needs \"token\" or \"token_secret\"";
    if (!fault) fault = authorize(request, "Bearer", token);
    free(token);
    return fault;
}

static const char *read_auth(struct request *request, json_value auth) {
    if (auth.kind == JSON_NONE) return NULL;
    char *type = json_text(json_member(auth, "type"));
    int is_basic = type && strcmp(type, "basic") == 0, is_bearer = type && strcmp(type, "bearer") == 0;
    free(type);
    if (is_basic) return read_basic(request, auth);
    return is_bearer ? read_bearer(request, auth) : "\"auth\" needs a \"type\": basic or bearer";
}

/* ---- TLS -------------------------------------------------------------------------------------------------------- */

static const char *read_tls(struct request *request, json_value tls) {
    if (tls.kind == JSON_NONE) return NULL;
    int is_verified = 1;
    json_value verify = json_member(tls, "verify"), file = json_member(tls, "ca_file");
    if (tls.kind != JSON_OBJECT || (verify.kind != JSON_NONE && !json_bool(verify, &is_verified)))
        return "\"tls\" must be an object; its \"verify\" is true or false";
    request->is_unverified = !is_verified;
    if (request->is_unverified && !settings.may_be_unverified)
        return "an unverified server may be anybody: give \"ca_file\" or \"ca_secret\" instead, or let the operator allow it "
               "with plugins: {http: {config: {unverified_tls: true}}} in berth.yaml";
    const char *fault = text_read(file, &request->ca_file, "\"ca_file\" must be a text");
    if (!fault) fault = value_or_secret(request, tls, "ca", &request->ca);
    if (!fault) fault = value_or_secret(request, tls, "certificate", &request->certificate);
    if (!fault) fault = value_or_secret(request, tls, "key", &request->key);
    if (!fault && !request->key != !request->certificate) fault = "a \"certificate\" needs its \"key\", and the other way round";
    return fault;
}

const char *credentials_read(struct request *request, json_value root) {
    const char *fault = read_auth(request, json_member(root, "auth"));
    if (!fault) fault = read_secret_headers(request, json_member(root, "secret_headers"));
    return fault ? fault : read_tls(request, json_member(root, "tls"));
}
