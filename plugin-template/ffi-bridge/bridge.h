/* The plugin that is made of a description: what the generated code and the bridge know of each other. */
#ifndef BRIDGE_H
#define BRIDGE_H

#include "berth_plugin.h"
#include "description.h"

/* Generated. */
extern const char bridge_description[];
extern const size_t bridge_description_length;
extern void (*const bridge_functions[])(void);
extern const berth_handler bridge_handlers[];

/* One attempt of the component with that number. */
berth_status bridge_run(size_t number, berth_context *context, const void *params, size_t length);

/* One call of a foreign function. */
berth_status call_run(const berth_host *host, berth_context *context, const component *it, void *prepared,
                      void (*function)(void), json_value params);

/* What every call of the component shares (libffi's description of the function); null with a sentence in `error`. */
void *call_prepare(const component *it, const char **error);

#endif
