/* guest_places.h - files and folders of the system that a sandbox leaves open: what every plugin needs to load and run at
 * all, and what comes with a grant. A place that is not there needs no rule. */
#ifndef GUEST_PLACES_H
#define GUEST_PLACES_H

#include "guest_wire.h"

#include <stddef.h>

typedef struct gw_place {
    const char *path;
    uint32_t access; /* GW_ACCESS_… */
    uint32_t grant;  /* GW_GRANT_…, 0: always */
} gw_place;

#define GW_PLACES_RUN(grant, path) {path, GW_ACCESS_READ | GW_ACCESS_EXECUTE, grant},
#define GW_PLACES_READ(grant, path) {path, GW_ACCESS_READ, grant},
#define GW_PLACES_WRITE(grant, path) {path, GW_ACCESS_READ | GW_ACCESS_WRITE, grant},

/* NULL behind the last. */
static inline const gw_place *gw_place_at(size_t index) {
    static const gw_place places[] = {
        GW_PLACES_RUN(0, "/usr/lib") GW_PLACES_RUN(0, "/lib") GW_PLACES_RUN(0, "/usr/lib64")
        GW_PLACES_RUN(0, "/lib64") GW_PLACES_RUN(0, "/usr/local/lib") GW_PLACES_READ(0, "/etc/ld.so.cache")
        GW_PLACES_READ(0, "/etc/localtime") GW_PLACES_READ(0, "/usr/share/zoneinfo")
        GW_PLACES_WRITE(0, "/dev/null") GW_PLACES_READ(0, "/dev/zero") GW_PLACES_READ(0, "/dev/urandom")
        GW_PLACES_READ(0, "/proc/self")
        /* Names and certificates. */
        GW_PLACES_READ(GW_GRANT_NETWORK, "/etc/resolv.conf") GW_PLACES_READ(GW_GRANT_NETWORK, "/etc/hosts")
        GW_PLACES_READ(GW_GRANT_NETWORK, "/etc/host.conf") GW_PLACES_READ(GW_GRANT_NETWORK, "/etc/nsswitch.conf")
        GW_PLACES_READ(GW_GRANT_NETWORK, "/etc/gai.conf") GW_PLACES_READ(GW_GRANT_NETWORK, "/etc/services")
        GW_PLACES_READ(GW_GRANT_NETWORK, "/etc/protocols") GW_PLACES_READ(GW_GRANT_NETWORK, "/etc/ssl")
        GW_PLACES_READ(GW_GRANT_NETWORK, "/usr/share/ca-certificates")
        /* Programs and what they read. */
        GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/bin") GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/bin")
        GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/sbin") GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/sbin")
        GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/local/bin") GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/libexec")
        GW_PLACES_READ(GW_GRANT_SUBPROCESS, "/usr/share") GW_PLACES_READ(GW_GRANT_SUBPROCESS, "/etc")
    };
    return index < sizeof places / sizeof places[0] ? &places[index] : NULL;
}

#undef GW_PLACES_RUN
#undef GW_PLACES_READ
#undef GW_PLACES_WRITE

#endif
