/* Who we are to a registry of images. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "json.h"

/* {"server", "username", "password" or "password_secret"} as the engine's header X-Registry-Auth, to be freed; null, or what
 * is wrong. */
const char *credentials_read(json_value registry, char **header, char *fault, size_t size);

#endif
