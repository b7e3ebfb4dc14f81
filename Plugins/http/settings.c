#include "settings.h"
#include "configuration.h"
#include "environment.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct settings settings = {.may_be_private = 1};

static void read_flag(json_value root, const char *name, int *flag) {
    json_value given = json_member(root, name);
    if (given.kind != JSON_NONE && !json_bool(given, flag))
        settings.fault = "\"private_addresses\" and \"unverified_tls\" in the plugin's configuration are true or false";
}

void settings_read(const void *config, size_t length) {
    static const char *const known[] = {"hosts", "private_addresses", "unverified_tls", NULL};
    json_value root;
    settings.fault = configuration_read(config, length, known, &root);
    if (settings.fault) return;
    json_value hosts = json_member(root, "hosts");
    if (hosts.kind != JSON_NONE && texts_read(hosts, 0, &settings.hosts))
        settings.fault = "\"hosts\" in the plugin's configuration must be an array of texts: [\"*.example.org\"]";
    read_flag(root, "private_addresses", &settings.may_be_private);
    read_flag(root, "unverified_tls", &settings.may_be_unverified);
}

static const char *judge_host(struct request *request, const char *name, const char *port) {
    char with_port[600];
    snprintf(with_port, sizeof with_port, "%s:%s", name, port);
    for (char **pattern = settings.hosts; pattern && *pattern; pattern++)
        if (fnmatch(*pattern, strchr(*pattern, ':') ? with_port : name, FNM_CASEFOLD) == 0) return NULL;
    if (!settings.hosts) return NULL;
    return request_fault(request, "%.300s is not among the hosts that the operator allows; plugins: {http: {config: {hosts: "
                         "[…]}}} in berth.yaml says which are", with_port);
}

const char *settings_judge(struct request *request, CURLU *url) {
    char *scheme = NULL, *name = NULL, *port = NULL;
    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
    curl_url_get(url, CURLUPART_HOST, &name, 0);
    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    const char *fault = NULL;
    if (!scheme || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
        fault = request_fault(request, "the URL must begin with http:// or https://, not %.50s", scheme ? scheme : "nothing");
    else if (!name || !port) fault = "the URL names no host";
    else fault = judge_host(request, name, port);
    curl_free(scheme), curl_free(name), curl_free(port);
    return fault;
}

/* Networks that are not the world's (RFC 6890). */
static int is_private4(uint32_t a) {
    return a >> 24 == 0 || a >> 24 == 10 || a >> 24 == 127 || a >> 22 == 0x191 || a >> 16 == 0xA9FE || a >> 20 == 0xAC1 ||
           a >> 16 == 0xC0A8 || a >> 8 == 0xC00000 || a >> 17 == 0x6309 || a >> 28 >= 0xE;
}

static int is_private6(const struct in6_addr *a) {
    const unsigned char *b = a->s6_addr;
    uint32_t inner = (uint32_t)b[12] << 24 | (uint32_t)b[13] << 16 | (uint32_t)b[14] << 8 | b[15];
    if (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_V4COMPAT(a)) return is_private4(inner);
    if (b[0] == 0 && b[1] == 0x64 && b[2] == 0xFF && b[3] == 0x9B) return is_private4(inner); /* NAT64 */
    return (b[0] & 0xE0) != 0x20; /* all but global unicast */
}

int settings_allow(const struct sockaddr *address) {
    if (settings.may_be_private) return 1;
    if (address->sa_family == AF_INET) return !is_private4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6) return !is_private6(&((const struct sockaddr_in6 *)address)->sin6_addr);
    return 0;
}
