/* Has an answer to everything. */
#include "check.h"
static const void *any(const char *id UNUSED) { return "yes"; }
PLUGIN(HANDLER(fine, .extension = any))
