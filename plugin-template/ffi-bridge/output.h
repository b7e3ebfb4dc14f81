/* What a call leaves behind, as the output of the run. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "call.h"

void output_add(call *c, const char *name, type_code type, const void *place);

/* Emits one buffer as it is, or an object of everything that has a name. */
berth_status output_emit(call *c);

#endif
