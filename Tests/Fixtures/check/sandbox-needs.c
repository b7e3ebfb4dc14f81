/* Uses the network and does not say so. */
#include "check.h"
#include <sys/socket.h>
EXECUTE(run) {
    int number = socket(AF_INET, SOCK_STREAM, 0);
    if (number < 0) return fail(context, BERTH_FAIL, "no socket");
    close(number);
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
