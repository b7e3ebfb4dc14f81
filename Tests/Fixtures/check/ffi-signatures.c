/* Says it is made of a library, which has no such function. */
#include "check.h"
__attribute__((section(".berth.foreign"), used)) static const char described[] =
    "{\"id\":\"fixture\",\"library\":\"libm.so.6\",\"components\":[{\"id\":\"it\",\"function\":\"hypotenuse\"}]}";
PLUGIN(HANDLER(fine))
