#include "actions.h"
#include "output.h"
#include "packing.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct backup {
    char *source, *target, *file; /* what was asked for, and what was made */
    int is_compressed;
    struct tally tally;
};

/* The name with the time before its last ending: "a.txt" is "a_202601020200.txt". */
static char *stamped(const char *path, const char *ending) {
    char stamp[32], *name = NULL;
    struct tm parts;
    time_t now = (time_t)(host->unix_ns() / 1000000000);
    strftime(stamp, sizeof stamp, "_%Y%m%d%H%M", localtime_r(&now, &parts));
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    size_t stem = dot && dot != base ? (size_t)(dot - path) : strlen(path);
    size_t length = strlen(path + stem), has = length >= strlen(ending) && strcmp(path + stem + length - strlen(ending), ending) == 0;
    const char *more = !*ending || has || strcmp(path + stem, ".gz") == 0 || strcmp(path + stem, ".tgz") == 0 ? "" : ending;
    return asprintf(&name, "%.*s%s%s%s", (int)stem, path, stamp, path + stem, more) < 0 ? NULL : name;
}

/* Into a folder that is there, under the source's name; else the target is the name. */
static berth_status choose_name(struct work *work, struct backup *backup, const struct place *source) {
    struct place target;
    struct stat there;
    char *path = NULL;
    size_t length = strlen(backup->target);
    while (length > 1 && backup->target[length - 1] == '/') length--;
    backup->target[length] = 0;
    berth_status status = place_open(work, backup->target, &target);
    if (status != BERTH_OK) return status;
    int is_folder = fstatat(target.folder, target.name, &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(there.st_mode);
    place_close(&target);
    if (asprintf(&path, "%s%s%s", backup->target, is_folder ? "/" : "", is_folder ? source->name : "") < 0) return BERTH_RETRY;
    backup->file = stamped(path, backup->is_compressed ? ".tar.gz" : "");
    free(path);
    return backup->file ? BERTH_OK : BERTH_RETRY;
}

static berth_status copy_file(struct work *work, struct backup *backup, const struct place *source, mode_t mode) {
    struct output output;
    int file = -1;
    berth_status status = output_begin(&output, work, source, backup->file, mode, &file);
    if (status != BERTH_OK) return status;
    status = tree_copy_file(work, source->folder, source->name, file, &backup->tally);
    if (status == BERTH_OK && fsync(file) != 0) status = work_failed_at(work, "write", backup->file);
    close(file);
    return output_end(&output, status);
}

static berth_status copy_folder(struct work *work, struct backup *backup, const struct place *source, mode_t mode) {
    struct output output;
    int none;
    berth_status status = output_begin(&output, work, source, backup->file, mode, &none);
    if (status != BERTH_OK) return status;
    status = tree_copy(work, source, output.place.folder, output.part, &backup->tally);
    return output_end(&output, status);
}

static berth_status make_copy(struct work *work, struct backup *backup, const struct place *source, const struct stat *status) {
    struct packed packed = {0};
    if (!backup->is_compressed && S_ISDIR(status->st_mode)) return copy_folder(work, backup, source, status->st_mode);
    if (!backup->is_compressed) return copy_file(work, backup, source, status->st_mode);
    berth_status result = pack(work, source, status, backup->file, 6, &packed);
    backup->tally = (struct tally){.files = packed.files, .bytes = packed.bytes};
    return result;
}

static berth_status back_up(struct work *work, struct backup *backup) {
    struct place source;
    struct stat status;
    berth_status result = place_open(work, backup->source, &source);
    if (result != BERTH_OK) return result;
    result = place_stat(work, &source, &status);
    if (result == BERTH_OK) result = choose_name(work, backup, &source);
    if (result == BERTH_OK) result = make_copy(work, backup, &source, &status);
    place_close(&source);
    return result;
}

static berth_status report(struct work *work, const struct backup *backup) {
    put_text(work, "action", "backup");
    put_text(work, "source", backup->source);
    put_text(work, "target", backup->target);
    put_number(work, "copied_count", backup->tally.files);
    put_size(work, "copied_size", "copied_bytes", backup->tally.bytes);
    put_flag(work, "compressed", backup->is_compressed);
    put_text(work, "backup_file", backup->file);
    return work_finish(work);
}

berth_status action_backup(struct work *work) {
    struct backup backup = {0};
    berth_status status = work_text(work, "source", &backup.source);
    if (status == BERTH_OK) status = work_text(work, "target", &backup.target);
    if (status == BERTH_OK) status = work_flag(work, "compress", &backup.is_compressed);
    if (status == BERTH_OK) status = back_up(work, &backup);
    if (status == BERTH_OK) status = report(work, &backup);
    free(backup.source);
    free(backup.target);
    free(backup.file);
    return status;
}
