/* Calls itself pure, and emits its process id. */
#include "check.h"
EXECUTE(run) {
    char text[32];
    int written = snprintf(text, sizeof text, "%d", (int)getpid());
    return host->emit(context, text, (size_t)written, 0);
}
PLUGIN(HANDLER(run, .flags = BERTH_FLAG_PURE))
