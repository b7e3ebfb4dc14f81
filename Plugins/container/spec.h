/* What is to be run, as the params say it, and as the engine wants to hear it. */
#ifndef SPEC_H
#define SPEC_H

#include "engine.h"

#define FAULT_BYTES 1400

struct spec {
    char *image;
    char *name;       /* null: the engine chooses one */
    char *pull;       /* missing, always, never */
    char *auth;       /* a header with credentials of a registry; null: none */
    int is_detached;  /* left running */
    int is_kept;      /* not removed after its end */
    char label[200];  /* whose container it is */
    json_writer body; /* of the engine's "create" */
    char fault[FAULT_BYTES];
};

/* Null, or what is wrong with the params. `stays`: as on the cronjob server, where a container stays after its end unless
 * it says "remove", and one that starts itself again is not waited for. spec_free either way. */
const char *spec_read(struct spec *spec, berth_context *context, json_value params, int stays);
void spec_free(struct spec *spec);

#endif
