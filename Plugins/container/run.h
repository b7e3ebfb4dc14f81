/* A container from its image to its end: made, started, followed, waited for, removed. */
#ifndef RUN_H
#define RUN_H

#include "berth_plugin.h"
#include "json.h"

/* `stays`: see spec_read. */
berth_status run_container(berth_context *context, json_value params, int stays);

#endif
