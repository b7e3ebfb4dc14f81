/* Leaves a descriptor open, now and then. */
#include "check.h"
#include <fcntl.h>
EXECUTE(run) {
    static int runs;
    if (++runs % 16 == 0 && runs < 200) (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
