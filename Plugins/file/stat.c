#include "actions.h"
#include "walk.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_FILES 100

struct file {
    char *path;
    uint64_t bytes;
    time_t modified;
};

struct counting {
    uint64_t bytes, files, folders;
    struct file top[MOST_FILES + 1]; /* largest first */
    size_t count, most;
};

/* Puts a file where it belongs, if it belongs there at all. */
static void rank(struct counting *counting, const char *path, const struct stat *status) {
    struct file file = {.bytes = (uint64_t)status->st_size, .modified = status->st_mtim.tv_sec};
    size_t at = counting->count;
    while (at > 0 && counting->top[at - 1].bytes < file.bytes) at--;
    if (at >= counting->most || !(file.path = strdup(path))) return;
    memmove(counting->top + at + 1, counting->top + at, (counting->count - at) * sizeof file);
    counting->top[at] = file;
    if (++counting->count > counting->most) free(counting->top[--counting->count].path);
}

static berth_status count(struct work *work, const struct visit *visit, void *user) {
    struct counting *counting = user;
    if (S_ISDIR(visit->status.st_mode)) counting->folders++;
    if (!S_ISREG(visit->status.st_mode)) return BERTH_OK;
    counting->files++;
    counting->bytes += (uint64_t)visit->status.st_size;
    rank(counting, visit->path, &visit->status);
    return work_go_on(work, 1);
}

static void put_top(struct work *work, const struct counting *counting) {
    json_put_raw(&work->out, ",\"top_files\":[");
    for (size_t i = 0; i < counting->count; i++) {
        const struct file *file = &counting->top[i];
        char when[32];
        struct tm parts;
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&file->modified, &parts));
        json_put_raw(&work->out, i ? ",{\"path\":" : "{\"path\":");
        json_put_string(&work->out, file->path, strlen(file->path));
        put_size(work, "size", "bytes", file->bytes);
        put_text(work, "modified", when);
        json_put_raw(&work->out, "}");
    }
    json_put_raw(&work->out, "]");
}

static berth_status report(struct work *work, const char *path, const struct counting *counting) {
    put_text(work, "action", "stat");
    put_text(work, "path", path);
    put_size(work, "total_size", "total_bytes", counting->bytes);
    put_number(work, "total_files", counting->files);
    put_number(work, "total_dirs", counting->folders);
    put_top(work, counting);
    return work_finish(work);
}

static berth_status look(struct work *work, const char *path, struct counting *counting) {
    struct walk walk = {.each = count, .user = counting, .is_recursive = 1};
    struct place place;
    struct stat status;
    berth_status result = place_open(work, path, &place);
    if (result != BERTH_OK) return result;
    result = place_stat(work, &place, &status);
    if (result == BERTH_OK && S_ISDIR(status.st_mode)) result = walk_below(work, &place, &walk);
    else if (result == BERTH_OK) result = count(work, &(struct visit){.path = place.name, .status = status}, counting);
    place_close(&place);
    return result;
}

berth_status action_stat(struct work *work) {
    struct counting *counting = calloc(1, sizeof *counting);
    char *path = NULL;
    int64_t limit = 10;
    if (!counting) return BERTH_RETRY;
    berth_status status = work_text(work, "path", &path);
    if (status == BERTH_OK) status = work_number(work, "limit", 0, MOST_FILES, &limit);
    counting->most = (size_t)limit;
    if (status == BERTH_OK) status = look(work, path, counting);
    if (status == BERTH_OK) status = report(work, path, counting);
    for (size_t i = 0; i < counting->count; i++) free(counting->top[i].path);
    free(counting);
    free(path);
    return status;
}
