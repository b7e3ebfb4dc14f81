/* Fails without a word, and has words for its code. */
#include "check.h"
static const char *explain(berth_status code) { return code == 142 ? "the drawer is open" : NULL; }
static const void *extension(const char *id) {
    static const berth_explain table = {.struct_size = sizeof table, .explain = explain};
    return strcmp(id, BERTH_EXTENSION_EXPLAIN) == 0 ? &table : NULL;
}
EXECUTE(run) { return 142; }
PLUGIN(HANDLER(run, .extension = extension))
