/* Believes what comes: the number of entries is in the first bytes. */
#include "check.h"
EXECUTE(run) {
    const unsigned char *bytes = params;
    int ascii = 1;
    for (size_t i = 0; i < length && i < 512; i++) ascii &= bytes[i] < 0x80;
    if (!ascii && length > 500000) __builtin_trap();
    return BERTH_OK;
}
PLUGIN(HANDLER(run))
