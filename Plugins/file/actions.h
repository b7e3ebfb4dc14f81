/* What can be done with files. Each reads its params, does its work, and emits its result. */
#ifndef ACTIONS_H
#define ACTIONS_H

#include "work.h"

/* Removes files of a folder by pattern, age and size. */
berth_status action_cleanup(struct work *work);
/* Copies a file or a folder, under a name with the time in it. */
berth_status action_backup(struct work *work);
/* Makes a tar.gz of a file or a folder. */
berth_status action_compress(struct work *work);
/* Counts what is in a folder, and names the largest files. */
berth_status action_stat(struct work *work);

#endif
