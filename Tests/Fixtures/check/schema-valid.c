/* Describes its params in words the host does not know. */
#include "check.h"
PLUGIN(HANDLER(fine, .params_schema = "{\"type\":\"banana\"}"))
