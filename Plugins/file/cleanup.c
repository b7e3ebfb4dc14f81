#include "actions.h"
#include "quantity.h"
#include "walk.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_NAMED 1000 /* files named in the result; all are in the log */

struct cleanup {
    char *path, *pattern;
    int is_recursive, is_dry;
    int64_t older_than;   /* seconds; 0: whatever its age */
    uint64_t larger_than; /* bytes */
    json_value exclude;
    struct place place;
    uint64_t count, bytes;
    json_writer names;
};

static int is_excluded(const struct cleanup *cleanup, const char *path) {
    size_t position = 0;
    json_value element;
    while (json_next(cleanup->exclude, &position, NULL, &element)) {
        char *part = json_text(element);
        int found = part && *part && strstr(path, part);
        free(part);
        if (found) return 1;
    }
    return 0;
}

static int is_meant(const struct cleanup *cleanup, const struct visit *visit) {
    int64_t age = host->unix_ns() / 1000000000 - visit->status.st_mtim.tv_sec;
    if (!S_ISREG(visit->status.st_mode) || fnmatch(cleanup->pattern, visit->name, FNM_PERIOD) != 0) return 0;
    if (cleanup->older_than && age <= cleanup->older_than) return 0;
    return (uint64_t)visit->status.st_size >= cleanup->larger_than && !is_excluded(cleanup, visit->path);
}

static void note(struct cleanup *cleanup, const struct visit *visit) {
    cleanup->bytes += (uint64_t)visit->status.st_size;
    if (cleanup->count++ >= MOST_NAMED) return;
    json_put_raw(&cleanup->names, cleanup->names.length ? "," : "[");
    json_put_string(&cleanup->names, visit->path, strlen(visit->path));
}

static berth_status remove_if_meant(struct work *work, const struct visit *visit, void *user) {
    struct cleanup *cleanup = user;
    char size[QUANTITY_BYTES];
    if (!is_meant(cleanup, visit)) return BERTH_OK;
    if (!cleanup->is_dry && unlinkat(visit->folder, visit->name, 0) != 0)
        return errno == ENOENT ? BERTH_OK : work_failed_at(work, "remove", visit->path);
    note(cleanup, visit);
    quantity_text((uint64_t)visit->status.st_size, size);
    work_log(work, BERTH_LOG_INFO, "%s %s/%s, %s", cleanup->is_dry ? "would remove" : "removed", cleanup->place.where,
             visit->path, size);
    return work_go_on(work, 1);
}

static berth_status read_bounds(struct work *work, struct cleanup *cleanup) {
    char *age = json_text(json_member(work->params, "older_than")), *size = json_text(json_member(work->params, "larger_than"));
    berth_status status = BERTH_OK;
    if (age && *age && !quantity_age(age, &cleanup->older_than))
        status = work_fail(work, BERTH_FAIL_PARAMS, "\"older_than\" must be an age such as 30m, 12h or 7d, not %.50s", age);
    else if (size && *size && !quantity_size(size, &cleanup->larger_than))
        status = work_fail(work, BERTH_FAIL_PARAMS, "\"larger_than\" must be a size such as 10K, 100M or 1G, not %.50s", size);
    free(age);
    free(size);
    return status;
}

static berth_status read_params(struct work *work, struct cleanup *cleanup) {
    berth_status status = work_text(work, "path", &cleanup->path);
    if (status == BERTH_OK) status = work_text(work, "pattern", &cleanup->pattern);
    if (status == BERTH_OK) status = work_flag(work, "recursive", &cleanup->is_recursive);
    if (status == BERTH_OK) status = work_flag(work, "dry_run", &cleanup->is_dry);
    cleanup->exclude = json_member(work->params, "exclude");
    return status == BERTH_OK ? read_bounds(work, cleanup) : status;
}

static berth_status clean(struct work *work, struct cleanup *cleanup) {
    struct walk walk = {.each = remove_if_meant, .user = cleanup, .is_recursive = cleanup->is_recursive};
    struct stat status;
    berth_status result = place_open(work, cleanup->path, &cleanup->place);
    if (result != BERTH_OK) return result;
    result = place_stat(work, &cleanup->place, &status);
    if (result == BERTH_OK && !S_ISDIR(status.st_mode))
        result = work_fail(work, BERTH_FAIL_PARAMS, "%s is no folder", cleanup->place.where);
    if (result == BERTH_OK) result = walk_below(work, &cleanup->place, &walk);
    place_close(&cleanup->place);
    return result;
}

static berth_status report(struct work *work, struct cleanup *cleanup) {
    put_text(work, "action", "cleanup");
    put_text(work, "path", cleanup->path);
    put_text(work, "pattern", cleanup->pattern);
    put_flag(work, "dry_run", cleanup->is_dry);
    put_number(work, "deleted_count", cleanup->count);
    put_size(work, "deleted_size", "deleted_bytes", cleanup->bytes);
    json_put_raw(&cleanup->names, cleanup->names.length ? "]" : "[]");
    json_put_raw(&work->out, ",\"deleted_files\":");
    char *names = strndup(cleanup->names.bytes, cleanup->names.length);
    json_put_raw(&work->out, names ? names : "[]");
    free(names);
    return work_finish(work);
}

berth_status action_cleanup(struct work *work) {
    struct cleanup cleanup = {0};
    berth_status status = read_params(work, &cleanup);
    if (status == BERTH_OK) status = clean(work, &cleanup);
    if (status == BERTH_OK) status = report(work, &cleanup);
    free(cleanup.path);
    free(cleanup.pattern);
    json_writer_free(&cleanup.names);
    return status;
}
