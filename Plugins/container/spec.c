#include "spec.h"
#include "credentials.h"
#include "environment.h"
#include "mounts.h"
#include "settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static void put_raw(struct spec *spec, const char *text) { json_put_raw(&spec->body, text); }

static void put_string(struct spec *spec, const char *text) { json_put_string(&spec->body, text, strlen(text)); }

/* A list of texts, or a text, which is parted at its blanks. */
static const char *put_words(struct spec *spec, const char *name, json_value value) {
    if (value.kind == JSON_NONE || value.kind == JSON_NULL) return NULL;
    put_raw(spec, ",\""), put_raw(spec, name), put_raw(spec, "\":[");
    size_t position = 0, count = 0;
    json_value element;
    char *text = value.kind == JSON_STRING ? json_text(value) : NULL, *rest = text;
    for (char *word; rest && (word = strsep(&rest, " \t\n"));)
        if (*word) put_raw(spec, count++ ? "," : ""), put_string(spec, word);
    free(text);
    int is_right = value.kind == JSON_STRING || value.kind == JSON_ARRAY;
    while (value.kind == JSON_ARRAY && json_next(value, &position, NULL, &element)) {
        char *item = json_text(element);
        if (item) put_raw(spec, count++ ? "," : ""), put_string(spec, item);
        else is_right = 0;
        free(item);
    }
    put_raw(spec, "]");
    return is_right ? NULL : "\"command\" and \"entrypoint\" must be lists of texts, or texts";
}

/* {"A": "1"} or ["A=1"]. */
static const char *put_environment(struct spec *spec, json_value env) {
    if (env.kind == JSON_NONE || env.kind == JSON_NULL) return NULL;
    if (env.kind == JSON_ARRAY) return put_words(spec, "Env", env) ? "\"env\" must be an object of texts" : NULL;
    if (env.kind != JSON_OBJECT) return "\"env\" must be an object of texts: {\"LANG\": \"C\"}";
    size_t position = 0, count = 0;
    json_value name, value;
    put_raw(spec, ",\"Env\":[");
    while (json_next(env, &position, &name, &value)) {
        char *left = json_text(name), *right = json_text(value), *both = NULL;
        if (left && right && asprintf(&both, "%s=%s", left, right) >= 0) put_raw(spec, count++ ? "," : ""), put_string(spec, both);
        free(left), free(right), free(both);
        if (!both) return "\"env\" must be an object of texts: {\"LANG\": \"C\"}";
    }
    put_raw(spec, "]");
    return NULL;
}

static const char *put_text(struct spec *spec, const char *name, json_value value) {
    if (value.kind == JSON_NONE || value.kind == JSON_NULL) return NULL;
    char *text = json_text(value);
    if (!text) return "\"user\", \"cwd\" and \"network\" must be texts";
    put_raw(spec, ",\""), put_raw(spec, name), put_raw(spec, "\":"), put_string(spec, text);
    free(text);
    return NULL;
}

/* ---- the parts -------------------------------------------------------------------------------------------------- */

static const char *fault(struct spec *spec, const char *format, const char *value) {
    snprintf(spec->fault, sizeof spec->fault, format, value);
    return spec->fault;
}

/* Any colon is another way of naming a namespace that is not the container's own. */
static const char *put_network(struct spec *spec, json_value network) {
    char *text = json_text(network);
    int shares = text && (strcmp(text, "host") == 0 || strchr(text, ':')), is_plain = !text || !*text;
    free(text);
    if (shares && !settings.may_use_host_network)
        return "the network of the machine, or of another container, is not the container's own; the operator may allow it with "
               "plugins: {container: {config: {host_network: true}}} in berth.yaml";
    return is_plain && network.kind == JSON_STRING ? NULL : put_text(spec, "NetworkMode", network);
}

/* "8080:80" or "127.0.0.1:8080:80/udp". */
static int part_port(const char *text, char *address, char *from, char *to) {
    const char *last = strrchr(text, ':');
    if (!last || strlen(text) > 80) return 0;
    const char *first = memrchr(text, ':', (size_t)(last - text));
    snprintf(address, 81, "%.*s", first ? (int)(first - text) : 0, text);
    snprintf(from, 81, "%.*s", (int)(last - (first ? first + 1 : text)), first ? first + 1 : text);
    snprintf(to, 81, "%s%s", last + 1, strchr(last, '/') ? "" : "/tcp");
    return *from && strspn(from, "0123456789") == strlen(from) && last[1] >= '0' && last[1] <= '9';
}

static const char *put_ports(struct spec *spec, json_value ports) {
    if (ports.kind == JSON_NONE || ports.kind == JSON_NULL) return NULL;
    if (ports.kind != JSON_ARRAY) return "\"ports\" must be a list such as [\"8080:80\"]";
    size_t position = 0, count = 0;
    json_value element;
    put_raw(spec, ",\"PortBindings\":{");
    while (json_next(ports, &position, NULL, &element)) {
        char *text = json_text(element), address[81], from[81], to[81];
        int is_right = text && part_port(text, address, from, to);
        free(text);
        if (!is_right) return "\"ports\" must be a list such as [\"8080:80\"]";
        put_raw(spec, count++ ? "," : ""), put_string(spec, to), put_raw(spec, ":[{\"HostIp\":"), put_string(spec, address);
        put_raw(spec, ",\"HostPort\":"), put_string(spec, from), put_raw(spec, "}]");
    }
    put_raw(spec, "}");
    return NULL;
}

/* Bindings of ports that the image does not expose count for nothing unless they are named here, too. */
static void put_exposed(struct spec *spec, json_value ports) {
    size_t position = 0, count = 0;
    json_value element;
    if (ports.kind != JSON_ARRAY) return;
    put_raw(spec, ",\"ExposedPorts\":{");
    while (json_next(ports, &position, NULL, &element)) {
        char *text = json_text(element), address[81], from[81], to[81];
        if (text && part_port(text, address, from, to)) put_raw(spec, count++ ? "," : ""), put_string(spec, to), put_raw(spec, ":{}");
        free(text);
    }
    put_raw(spec, "}");
}

static int starts_again(json_value params) {
    char *text = json_text(json_member(params, "restart"));
    int does = text && *text && strcmp(text, "no") != 0;
    free(text);
    return does;
}

static const char *put_restart(struct spec *spec, json_value params) {
    if (!starts_again(params)) return NULL;
    char *text = json_text(json_member(params, "restart"));
    put_raw(spec, ",\"RestartPolicy\":{\"Name\":"), put_string(spec, text), put_raw(spec, "}");
    free(text);
    return spec->is_detached ? NULL : "a container that starts itself again never ends: \"restart\" goes with \"detach\"";
}

static const char *put_limits(struct spec *spec, json_value params) {
    json_value memory = json_member(params, "memory_bytes"), cpus = json_member(params, "cpus");
    int64_t bytes = 0;
    double count = 0;
    if (memory.kind != JSON_NONE && (!json_integer(memory, &bytes) || bytes <= 0)) return "\"memory_bytes\" must be a number above 0";
    if (cpus.kind != JSON_NONE && (!json_real(cpus, &count) || count <= 0 || count > 4096)) return "\"cpus\" must be a number above 0";
    if (bytes) put_raw(spec, ",\"Memory\":"), json_put_integer(&spec->body, bytes);
    if (count > 0) put_raw(spec, ",\"NanoCpus\":"), json_put_integer(&spec->body, (int64_t)(count * 1e9));
    return NULL;
}

static const char *put_host_part(struct spec *spec, json_value params) {
    put_raw(spec, ",\"HostConfig\":{\"SecurityOpt\":[\"no-new-privileges\"]");
    if (spec->is_detached && !spec->is_kept) put_raw(spec, ",\"AutoRemove\":true"); /* by the engine: nobody waits here */
    const char *wrong = mounts_put(&spec->body, json_member(params, "volumes"), spec->fault, sizeof spec->fault);
    if (!wrong) wrong = put_ports(spec, json_member(params, "ports"));
    if (!wrong) wrong = put_network(spec, json_member(params, "network"));
    if (!wrong) wrong = put_restart(spec, params);
    if (!wrong) wrong = put_limits(spec, params);
    put_raw(spec, "}");
    return wrong;
}

static const char *put_all(struct spec *spec, json_value params) {
    put_raw(spec, "{\"Image\":"), put_string(spec, spec->image);
    put_raw(spec, ",\"Labels\":{\"berth.run\":"), put_string(spec, spec->label);
    put_raw(spec, spec->is_kept ? ",\"berth.kept\":\"true\"}" : "}");
    const char *wrong = put_words(spec, "Cmd", json_member(params, "command"));
    if (!wrong) wrong = put_words(spec, "Entrypoint", json_member(params, "entrypoint"));
    if (!wrong) wrong = put_environment(spec, json_member(params, "env"));
    if (!wrong) wrong = put_text(spec, "User", json_member(params, "user"));
    if (!wrong) wrong = put_text(spec, "WorkingDir", json_member(params, "cwd"));
    put_exposed(spec, json_member(params, "ports"));
    if (!wrong) wrong = put_host_part(spec, params);
    put_raw(spec, "}");
    return wrong;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static const char *read_flag(json_value params, const char *name, int otherwise, int *out) {
    json_value value = json_member(params, name);
    *out = otherwise;
    return value.kind == JSON_NONE || json_bool(value, out) ? NULL : "\"detach\" and \"remove\" must be true or false";
}

static const char *read_pull(struct spec *spec, json_value pull) {
    spec->pull = pull.kind == JSON_NONE ? strdup("missing") : json_text(pull);
    if (spec->pull && (strcmp(spec->pull, "missing") == 0 || strcmp(spec->pull, "always") == 0 || strcmp(spec->pull, "never") == 0))
        return NULL;
    return "\"pull\" must be missing, always or never";
}

/* What leftovers of this run are found by: the trace keeps runs of two hosts apart. */
static void make_label(struct spec *spec, berth_context *context) {
    berth_ids ids = {.struct_size = sizeof ids};
    if (host->ids(context, &ids) != BERTH_OK) return;
    snprintf(spec->label, sizeof spec->label, "%.*s/%llu", (int)(ids.traceparent_length < 100 ? ids.traceparent_length : 100),
             ids.traceparent ? ids.traceparent : "", (unsigned long long)ids.run);
}

const char *spec_read(struct spec *spec, berth_context *context, json_value params, int stays) {
    int removes;
    make_label(spec, context);
    spec->image = json_text(json_member(params, "image"));
    const char *wrong = spec->image && *spec->image ? NULL : "\"image\" must be a text: {\"image\": \"debian:12\"}";
    if (!wrong && strpbrk(spec->image, " \t\r\n?#")) wrong = fault(spec, "\"%.200s\" is no name of an image", spec->image);
    if (!wrong) wrong = read_flag(params, "detach", stays && starts_again(params), &spec->is_detached);
    if (!wrong) wrong = read_flag(params, "remove", !stays && !spec->is_detached, &removes);
    if (!wrong) wrong = read_pull(spec, json_member(params, "pull"));
    if (!wrong) wrong = text_read(json_member(params, "name"), &spec->name, "\"name\" must be a text");
    if (!wrong) wrong = credentials_read(json_member(params, "registry"), &spec->auth, spec->fault, sizeof spec->fault);
    if (wrong) return wrong;
    spec->is_kept = !removes;
    return put_all(spec, params);
}

void spec_free(struct spec *spec) {
    free(spec->image);
    free(spec->name);
    free(spec->pull);
    free(spec->auth);
    json_writer_free(&spec->body);
}
