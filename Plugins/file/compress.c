#include "actions.h"
#include "packing.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct compressing {
    char *source, *target;
    int removes;
    int64_t level;
    struct packed packed;
};

static berth_status read_params(struct work *work, struct compressing *c) {
    char *format = json_text(json_member(work->params, "format"));
    if (format && *format && strcmp(format, "tar.gz") != 0 && strcmp(format, "tgz") != 0)
        work_log(work, BERTH_LOG_WARNING, "the format %.50s is not known here: a tar.gz is made", format);
    free(format);
    c->level = 6;
    berth_status status = work_text(work, "source", &c->source);
    if (status == BERTH_OK) status = work_flag(work, "remove_source", &c->removes);
    if (status == BERTH_OK) status = work_number(work, "level", 0, 9, &c->level);
    if (status != BERTH_OK) return status;
    if (json_member(work->params, "target").kind != JSON_NONE) return work_text(work, "target", &c->target);
    size_t length = strlen(c->source);
    while (length > 1 && c->source[length - 1] == '/') length--;
    return asprintf(&c->target, "%.*s.tar.gz", (int)length, c->source) < 0 ? BERTH_RETRY : BERTH_OK;
}

static berth_status compress_it(struct work *work, struct compressing *c) {
    struct place source;
    struct stat status;
    berth_status result = place_open(work, c->source, &source);
    if (result != BERTH_OK) return result;
    result = place_stat(work, &source, &status);
    if (result == BERTH_OK) result = pack(work, &source, &status, c->target, (int)c->level, &c->packed);
    if (result == BERTH_OK && c->removes && !tree_remove(source.folder, source.name))
        result = work_failed_at(work, "remove all of", source.where);
    place_close(&source);
    return result;
}

static berth_status report(struct work *work, const struct compressing *c) {
    char ratio[32];
    snprintf(ratio, sizeof ratio, "%.1f%%", c->packed.bytes ? 100.0 * (double)c->packed.packed_bytes / (double)c->packed.bytes : 0);
    put_text(work, "action", "compress");
    put_text(work, "source", c->source);
    put_text(work, "target", c->target);
    put_size(work, "original_size", "original_bytes", c->packed.bytes);
    put_size(work, "compressed_size", "compressed_bytes", c->packed.packed_bytes);
    put_text(work, "compression_ratio", ratio);
    put_number(work, "file_count", c->packed.files);
    return work_finish(work);
}

berth_status action_compress(struct work *work) {
    struct compressing c = {0};
    berth_status status = read_params(work, &c);
    if (status == BERTH_OK) status = compress_it(work, &c);
    if (status == BERTH_OK) status = report(work, &c);
    free(c.source);
    free(c.target);
    return status;
}
