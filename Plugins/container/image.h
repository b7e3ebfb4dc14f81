/* An image: whether it may be used, and getting it here. */
#ifndef IMAGE_H
#define IMAGE_H

#include "engine.h"

/* May this image be used? BERTH_OK, or the code to return, explained. */
berth_status image_judge(berth_context *context, const char *name);

/* `policy` is missing, always or never. `auth`: the header with credentials of a registry, or null. */
berth_status image_have(struct engine *engine, const char *name, const char *policy, const char *auth);

/* Fetches it; the engine's words become log lines and progress. */
berth_status image_pull(struct engine *engine, const char *name, const char *auth);

#endif
