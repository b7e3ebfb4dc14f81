/* For builds with a sanitizer. */
#include "check.h"
EXECUTE(run) {
    volatile char *room = malloc(8);
    room[8 + length % 2] = 1;
    free((void *)room);
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
