#include "sqlite_settings.h"

#include <sqlite3.h>

void berth_sqlite_counts_no_memory(void) { (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
