/* guest_places.h - files and folders of the system that a sandbox leaves open: what every plugin needs to load and run at
 * all, and what comes with a grant. A place that is not there needs no rule. Each costs a guest's start 3 us, one that is
 * not there 1 us. */
#ifndef GUEST_PLACES_H
#define GUEST_PLACES_H

#include "guest_wire.h"

#include <stddef.h>

typedef struct gw_place {
    const char *path;   /* a folder's ends with a slash, so that it opens nothing else */
    uint32_t access;    /* GW_ACCESS_… */
    uint32_t grant;     /* GW_GRANT_…, one of which is enough; 0: always */
    uint32_t is_folder; /* 0 or 1 */
} gw_place;

#define GW_PLACES_FILE(grant, path) {path, GW_ACCESS_READ, grant, 0},
#define GW_PLACES_READ(grant, path) {path "/", GW_ACCESS_READ, grant, 1},
#define GW_PLACES_RUN(grant, path) {path "/", GW_ACCESS_READ | GW_ACCESS_EXECUTE, grant, 1},

/* By name under /etc, since guests of a host that is root read what root may: no keys, passwords or tokens, nor folders in
 * which programs keep such. Where a link leads to has to be open, not where it lies. */
#define GW_PLACES_OF_NETWORK(FILE, FOLDER) \
    FILE("resolv.conf") FILE("hosts") FILE("nsswitch.conf") FILE("services") \
    FOLDER("ssl/certs") FILE("ssl/openssl.cnf") FOLDER("ca-certificates/extracted") \
    FOLDER("pki/tls/certs") FILE("pki/tls/openssl.cnf") FOLDER("pki/ca-trust/extracted") FOLDER("crypto-policies")
#define GW_PLACES_OF_PROGRAMS(FILE, FOLDER) \
    FILE("passwd") FILE("group") FILE("locale.alias") FILE("gitconfig") \
    FILE("ssh/ssh_config") FOLDER("ssh/ssh_config.d") FILE("ssh/ssh_known_hosts") FOLDER("fonts") \
    FOLDER("perl") FOLDER("python3.11") FOLDER("python3.12") FOLDER("python3.13") \
    FOLDER("php") FILE("php.ini") FOLDER("php.d") FOLDER("java") FOLDER("java-17-openjdk") FOLDER("java-21-openjdk")

/* NULL behind the last. */
static inline const gw_place *gw_place_at(size_t index) {
/* Programs look up names where they have no network, too. */
#define NAMES_FILE(name) GW_PLACES_FILE(GW_GRANT_NETWORK | GW_GRANT_SUBPROCESS, "/etc/" name)
#define NAMES_FOLDER(name) GW_PLACES_READ(GW_GRANT_NETWORK | GW_GRANT_SUBPROCESS, "/etc/" name)
#define PROGRAMS_FILE(name) GW_PLACES_FILE(GW_GRANT_SUBPROCESS, "/etc/" name)
#define PROGRAMS_FOLDER(name) GW_PLACES_READ(GW_GRANT_SUBPROCESS, "/etc/" name)
    static const gw_place places[] = {
        GW_PLACES_RUN(0, "/usr/lib") GW_PLACES_RUN(0, "/lib") GW_PLACES_RUN(0, "/usr/lib64")
        GW_PLACES_RUN(0, "/lib64") GW_PLACES_RUN(0, "/usr/local/lib") GW_PLACES_FILE(0, "/etc/ld.so.cache")
        GW_PLACES_FILE(0, "/etc/localtime") GW_PLACES_READ(0, "/usr/share/zoneinfo")
        GW_PLACES_FILE(0, "/dev/zero") GW_PLACES_FILE(0, "/dev/urandom") GW_PLACES_READ(0, "/proc/self")
        {"/dev/null", GW_ACCESS_READ | GW_ACCESS_WRITE, 0, 0},
        /* Names and certificates. */
        GW_PLACES_OF_NETWORK(NAMES_FILE, NAMES_FOLDER) GW_PLACES_READ(GW_GRANT_NETWORK, "/usr/share/ca-certificates")
        GW_PLACES_READ(GW_GRANT_NETWORK | GW_GRANT_SUBPROCESS, "/usr/local/share/ca-certificates")
        GW_PLACES_READ(GW_GRANT_NETWORK | GW_GRANT_SUBPROCESS, "/var/lib/ca-certificates")
        /* Programs and what they read. */
        GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/bin") GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/bin")
        GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/sbin") GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/sbin")
        GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/local/bin") GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/libexec")
        GW_PLACES_RUN(GW_GRANT_SUBPROCESS, "/usr/share") GW_PLACES_OF_PROGRAMS(PROGRAMS_FILE, PROGRAMS_FOLDER)
    };
#undef NAMES_FILE
#undef NAMES_FOLDER
#undef PROGRAMS_FILE
#undef PROGRAMS_FOLDER
    return index < sizeof places / sizeof places[0] ? &places[index] : NULL;
}

#undef GW_PLACES_FILE
#undef GW_PLACES_READ
#undef GW_PLACES_RUN
#undef GW_PLACES_OF_NETWORK
#undef GW_PLACES_OF_PROGRAMS

#endif
