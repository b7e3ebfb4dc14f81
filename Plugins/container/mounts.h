/* Folders and files of this machine inside a container: those alone that the operator allows. */
#ifndef MOUNTS_H
#define MOUNTS_H

#include "json.h"

/* Puts `"Binds": […]` for "/host:/container[:ro]" and "volume:/container"; null, or what is wrong. */
const char *mounts_put(json_writer *out, json_value volumes, char *fault, size_t size);

#endif
