/* Says hello. */
#include "check.h"
__attribute__((constructor)) static void greet(void) { fprintf(stderr, "hello, I am a plugin\n"); }
PLUGIN(HANDLER(fine))
