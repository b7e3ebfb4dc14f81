/* What Swift cannot say to SQLite, because the function takes any number of arguments. */
#ifndef BERTH_SQLITE_SETTINGS_H
#define BERTH_SQLITE_SETTINGS_H

/* Stops SQLite from counting the memory it has, which costs a lock at each allocation. Before its first use in the process;
 * later it changes nothing. */
void berth_sqlite_counts_no_memory(void);

#endif
