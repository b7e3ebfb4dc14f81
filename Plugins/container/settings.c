#include "settings.h"
#include "configuration.h"
#include "environment.h"

static char docker[] = "/var/run/docker.sock";
static char *no_mounts[] = {NULL};

struct settings settings = {.socket = docker, .mounts = no_mounts};

static void read_list(json_value root, const char *name, char ***list) {
    json_value given = json_member(root, name);
    if (given.kind == JSON_NONE) return;
    *list = NULL;
    if (texts_read(given, 0, list))
        settings.fault = "\"images\", \"mounts\" and \"containers\" in the plugin's configuration must be arrays of texts";
}

void settings_read(const void *config, size_t length) {
    static const char *const known[] = {"socket", "host_network", "images", "containers", "mounts", NULL};
    json_value root;
    settings.fault = configuration_read(config, length, known, &root);
    if (settings.fault) return;
    json_value socket = json_member(root, "socket"), network = json_member(root, "host_network");
    if (text_read(socket, &settings.socket, "")) settings.fault = "\"socket\" in the plugin's configuration must be a path";
    if (network.kind != JSON_NONE && !json_bool(network, &settings.may_use_host_network))
        settings.fault = "\"host_network\" in the plugin's configuration is true or false";
    read_list(root, "images", &settings.images);
    read_list(root, "containers", &settings.containers);
    read_list(root, "mounts", &settings.mounts);
}
