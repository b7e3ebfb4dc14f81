/* Static assertions that hold a description against the library's header. They are C++, because only there a function's
 * type can be taken apart. */
#ifndef VERIFY_H
#define VERIFY_H

#include "description.h"

#include <stdio.h>

/* Null, or why it cannot be written. Writes nothing for a description that cannot be verified. */
const char *verify_write(FILE *out, const description *d);

#endif
