/* Files inside the folders that the operator allows. A path is judged by what it leads to, and what was judged is what is
 * opened: there is no moment between the two in which a link could be put in its place. */
#ifndef BENEATH_H
#define BENEATH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BENEATH_REFUSAL_BYTES 1200

/* Is the path, as it is written, inside one of `roots`? 1; or 0 and a sentence, with errno EPERM. Links and .. are for beneath_open. */
int beneath_lists(char *const *roots, const char *path, char *refusal);

/* Opens an absolute path that lies inside one of `roots`, and whose links and .. all stay inside it. Flags and mode are
 * those of open; closed on exec. -1 and a sentence, with errno, when it cannot be; EPERM when it is not allowed. */
int beneath_open(char *const *roots, const char *path, int flags, mode_t mode, char *refusal);

/* Where an open file really is, links followed. 1, or 0 when the system does not say. */
int beneath_where(int descriptor, char *path, size_t size);

#endif
