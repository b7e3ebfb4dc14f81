/* Whole trees of files: copied, or removed, without following a link. */
#ifndef TREE_H
#define TREE_H

#include "walk.h"

struct tally {
    uint64_t files, bytes;
};

/* New, and with exactly these permissions, since the process masks none; never set-user-id and its like. -1 with errno. */
int tree_make_file(int folder, const char *name, mode_t mode);
int tree_make_folder(int folder, const char *name, mode_t mode);

/* Copies what `from` is, a file or a folder with all in it, over what the output made. */
berth_status tree_copy_file(struct work *work, int folder, const char *name, int to, struct tally *tally);
berth_status tree_copy(struct work *work, const struct place *from, int to_folder, const char *to_name, struct tally *tally);

/* Removes a file or a folder with all in it; without a word, as far as it goes. 1 when nothing is left. */
int tree_remove(int folder, const char *name);

#endif
