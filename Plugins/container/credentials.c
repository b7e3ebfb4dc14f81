#include "credentials.h"
#include "berth_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const berth_host *host;

#define SECRET_BYTES 8192

static char *secret(const char *name) {
    const berth_secret *secrets = host->extension(BERTH_EXTENSION_SECRET);
    size_t length = SECRET_BYTES;
    char *value = calloc(1, SECRET_BYTES + 1);
    if (secrets && value && secrets->get(name, strlen(name), value, &length) == BERTH_OK) return value;
    free(value);
    return NULL;
}

/* With - and _, as the engine wants it. */
static char *base64(const char *text, size_t length, const char *before) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *in = (const unsigned char *)text;
    char *out = calloc(1, strlen(before) + (length + 2) / 3 * 4 + 1), *at = out ? stpcpy(out, before) : NULL;
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

static void put(json_writer *out, const char *name, const char *value) {
    json_put_raw(out, out->length ? ",\"" : "{\"");
    json_put_raw(out, name);
    json_put_raw(out, "\":");
    json_put_string(out, value ? value : "", value ? strlen(value) : 0);
}

const char *credentials_read(json_value registry, char **header, char *fault, size_t size) {
    if (registry.kind == JSON_NONE || registry.kind == JSON_NULL) return NULL;
    if (registry.kind != JSON_OBJECT) return "\"registry\" must be an object with server, username and password_secret";
    char *named = json_text(json_member(registry, "password_secret")), *user = json_text(json_member(registry, "username"));
    char *server = json_text(json_member(registry, "server"));
    char *password = named ? secret(named) : json_text(json_member(registry, "password"));
    const char *wrong = NULL;
    json_writer auth = {0};
    if (named && !password) {
        snprintf(fault, size, "the operator gave no secret \"%.100s\"; plugins: {container: {secrets: {…}}} in berth.yaml does", named);
        wrong = fault;
    } else if (!user || !password) {
        wrong = "\"registry\" must be an object with server, username and password_secret";
    } else {
        put(&auth, "username", user), put(&auth, "password", password), put(&auth, "serveraddress", server);
        json_put_raw(&auth, "}");
        if (!(*header = auth.failed ? NULL : base64(auth.bytes, auth.length, "X-Registry-Auth: "))) wrong = "memory is short";
    }
    free(named), free(user), free(server), free(password);
    json_writer_free(&auth);
    return wrong;
}
