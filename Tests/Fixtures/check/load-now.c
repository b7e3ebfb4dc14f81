/* Wants more thread-local memory than is kept for libraries that come late. */
#include "check.h"
static __thread volatile char room[1 << 20] __attribute__((tls_model("initial-exec")));
EXECUTE(run) { room[length % sizeof room]++; return BERTH_OK; }
PLUGIN(HANDLER(run))
