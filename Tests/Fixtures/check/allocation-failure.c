/* Emits something else when there is no memory, and calls it a success. */
#include "check.h"
EXECUTE(run) {
    char *volatile room = malloc(4 << 20);
    if (!room) return host->emit(context, "nothing", 7, 0);
    memset(room, 1, 4 << 20);
    free(room);
    return host->emit(context, "everything", 10, 0);
}
PLUGIN(HANDLER(run))
