/* Answers in a range that nobody knows. */
#include "check.h"
EXECUTE(run) { return 1000; }
PLUGIN(HANDLER(run))
