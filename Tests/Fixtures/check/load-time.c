/* Takes its time to load. */
#include "check.h"
__attribute__((constructor)) static void late(void) { usleep(150000); }
PLUGIN(HANDLER(fine))
