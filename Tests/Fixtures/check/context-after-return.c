/* Logs when the run is over. */
#include "check.h"
static void *work(void *context) { poll(NULL, 0, 5); host->log(context, BERTH_LOG_INFO, "late", 4, NULL, 0); return NULL; }
EXECUTE(run) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, context) == 0) pthread_detach(thread);
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
