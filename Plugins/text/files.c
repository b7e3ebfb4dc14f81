#include "files.h"
#include "failure.h"
#include "text.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

berth_status asked_to_stop(berth_context *context) {
    if (host->cancel_state(context) == BERTH_RUN_ON) return BERTH_OK;
    return host->monotonic_ns() >= host->deadline_ns(context) ? BERTH_TIMED_OUT : BERTH_CANCELLED;
}

berth_status cannot_read(berth_context *context, const char *path, int error) {
    if (error == EACCES || error == EPERM)
        return failure(host, context, BERTH_FAIL_INPUT, "cannot read %s: %s; grant it with --read %s or access.read",
                       path, strerror(error), path);
    return failure(host, context, BERTH_FAIL_INPUT, "cannot read %s: %s", path, strerror(error));
}

void files_pass_over(struct files *files, berth_context *context, const char *path, int error) {
    char text[1024];
    files->passed_over++;
    int length = snprintf(text, sizeof text, "passed over %s: %s", path, strerror(error));
    size_t kept = (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
    host->log(context, BERTH_LOG_WARNING, text, kept, NULL, 0);
}

static int add(struct files *files, const char *path, uint64_t bytes) {
    if (files->count == files->capacity) {
        size_t capacity = files->capacity ? files->capacity * 2 : 64;
        struct file *grown = realloc(files->list, capacity * sizeof *grown);
        if (!grown) return 0;
        files->list = grown;
        files->capacity = capacity;
    }
    char *copy = strdup(path);
    if (!copy) return 0;
    files->list[files->count++] = (struct file){.path = copy, .bytes = bytes};
    files->bytes += bytes;
    return 1;
}

static int by_name(const FTSENT **a, const FTSENT **b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

/* What one step of the walk means. */
static berth_status take(struct files *files, berth_context *context, const FTSENT *entry) {
    int is_root = entry->fts_level == FTS_ROOTLEVEL;
    struct stat target;
    switch (entry->fts_info) {
    case FTS_F: return add(files, entry->fts_path, (uint64_t)entry->fts_statp->st_size) ? BERTH_OK : BERTH_RETRY;
    case FTS_SL:
        if (stat(entry->fts_path, &target) != 0)
            files_pass_over(files, context, entry->fts_path, errno);
        else if (S_ISREG(target.st_mode) && !add(files, entry->fts_path, (uint64_t)target.st_size))
            return BERTH_RETRY;
        return BERTH_OK;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        if (is_root) return cannot_read(context, entry->fts_path, entry->fts_errno);
        files_pass_over(files, context, entry->fts_path, entry->fts_errno);
        return BERTH_OK;
    case FTS_DEFAULT:
        return is_root ? failure(host, context, BERTH_FAIL_INPUT, "%s is neither file nor folder", entry->fts_path)
                       : BERTH_OK;
    default: return BERTH_OK;
    }
}

berth_status files_find(struct files *files, berth_context *context, const char *path) {
    char *roots[] = {(char *)path, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    if (!walk) return cannot_read(context, path, errno);
    berth_status status = BERTH_OK;
    for (FTSENT *entry; status == BERTH_OK && (entry = fts_read(walk));) {
        status = take(files, context, entry);
        if (status == BERTH_OK) status = asked_to_stop(context);
    }
    fts_close(walk);
    return status;
}

void files_free(struct files *files) {
    for (size_t i = 0; i < files->count; i++) free(files->list[i].path);
    free(files->list);
    *files = (struct files){0};
}
