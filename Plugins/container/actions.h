/* What the cronjob server does with containers that are there: pull, start, stop, restart, kill, remove, logs, inspect. */
#ifndef ACTIONS_H
#define ACTIONS_H

#include "berth_plugin.h"
#include "json.h"

berth_status action_run(berth_context *context, json_value params);

#endif
