/* Emits on a thread of its own. */
#include "check.h"
static void *work(void *context) { host->emit(context, "hello", 5, 0); return NULL; }
EXECUTE(run) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, context) != 0) return fail(context, BERTH_RETRY, "no thread");
    pthread_join(thread, NULL);
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
