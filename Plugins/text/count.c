/* The processor `count`: how often each word occurs in many files, by map and reduce. The root stage shares the files
 * out among children, each child counts its own, the reduce stage adds up. A host without children gets everything done
 * in one stage. The output has a line for each word: how often, a space, the word; words in the order of their bytes. */
#include "failure.h"
#include "files.h"
#include "json.h"
#include "text.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_CHILDREN 100      /* in one call of emit_children */
#define MOST_PATHS (48u << 10) /* bytes of one child's params, about */

struct count {
    struct words words;
    struct files files; /* those below the path; of a child only what it passed over */
    char *path;         /* of a run that is no child */
    size_t per_child;
    json_value list; /* of a child: its files */
};

/* ---- root: share out ------------------------------------------------------------------------------------------- */

struct batch {
    json_writer params[MOST_CHILDREN];
    size_t count;
};

static void batch_free(struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) json_writer_free(&batch->params[i]);
    batch->count = 0;
}

static berth_status send(struct batch *batch, berth_context *context) {
    berth_child children[MOST_CHILDREN];
    berth_status status = BERTH_OK;
    for (size_t i = 0; i < batch->count; i++) {
        children[i] = (berth_child){.struct_size = sizeof(berth_child),
                                    .params = batch->params[i].bytes,
                                    .params_length = batch->params[i].length};
        if (batch->params[i].failed) status = BERTH_RETRY;
    }
    if (status == BERTH_OK && batch->count) status = host->emit_children(context, children, batch->count);
    batch_free(batch);
    return status;
}

/* One child: as many files as `per_child` allows, from `*next` on. */
static void add_child(struct batch *batch, const struct files *files, size_t *next, size_t per_child) {
    json_writer *params = &batch->params[batch->count++];
    *params = (json_writer){0};
    json_put_raw(params, "{\"files\":[");
    for (size_t taken = 0; *next < files->count && taken < per_child && params->length < MOST_PATHS; taken++) {
        const char *path = files->list[(*next)++].path;
        json_put_raw(params, taken ? "," : "");
        json_put_string(params, path, strlen(path));
    }
    json_put_raw(params, "]}");
}

static berth_status share_out(struct count *count, berth_context *context) {
    struct batch batch = {.count = 0};
    berth_status status = BERTH_OK;
    for (size_t next = 0; status == BERTH_OK && next < count->files.count;) {
        add_child(&batch, &count->files, &next, count->per_child);
        host->progress(context, next, count->files.count, NULL, 0);
        if (batch.count == MOST_CHILDREN || next == count->files.count) status = send(&batch, context);
        if (status == BERTH_OK) status = asked_to_stop(context);
    }
    batch_free(&batch);
    return status;
}

/* ---- child: count ---------------------------------------------------------------------------------------------- */

/* A file that cannot be read is passed over. One with a NUL in its first block is no text and counts nothing. */
static berth_status count_file(struct count *count, berth_context *context, const char *path) {
    static unsigned char block[65536]; /* one attempt at a time */
    host->breadcrumb(context, path, strlen(path));
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), is_first = 1;
    ssize_t length = -1;
    berth_status status = BERTH_OK;
    while (status == BERTH_OK && file >= 0 && (length = read(file, block, sizeof block)) > 0) {
        if (is_first && memchr(block, 0, (size_t)length)) break;
        is_first = 0;
        for (ssize_t i = 0; i < length; i++) words_add_byte(&count->words, block[i]);
        status = asked_to_stop(context);
    }
    if (length < 0) files_pass_over(&count->files, context, path, errno);
    words_end(&count->words);
    if (file >= 0) close(file);
    return status;
}

static berth_status count_listed(struct count *count, berth_context *context) {
    berth_status status = BERTH_OK;
    json_value element;
    for (size_t position = 0; status == BERTH_OK && json_next(count->list, &position, NULL, &element);) {
        char *path = json_text(element);
        if (!path) return failure(host, context, BERTH_FAIL_PARAMS, "files must be a list of paths");
        status = count_file(count, context, path);
        free(path);
    }
    return status;
}

static berth_status count_found(struct count *count, berth_context *context) {
    berth_status status = BERTH_OK;
    for (size_t i = 0; status == BERTH_OK && i < count->files.count; i++)
        status = count_file(count, context, count->files.list[i].path);
    return status;
}

/* ---- reduce: add up -------------------------------------------------------------------------------------------- */

static berth_status add_lines(struct count *count, berth_context *context, const char *text, size_t length) {
    const char *end = text + length;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        char *word;
        unsigned long long times = strtoull(text, &word, 10);
        if (!newline || *word++ != ' ' || word >= newline)
            return failure(host, context, BERTH_FAIL, "a part of the count is not what this plugin writes");
        words_add(&count->words, word, (size_t)(newline - word), times);
        text = newline + 1;
    }
    return BERTH_OK;
}

/* One part that is missing makes the whole wrong. */
static berth_status add_up(struct count *count, berth_context *context, uint64_t parts) {
    const void *bytes;
    size_t length;
    berth_status part, status;
    for (uint64_t index = 0; (status = host->next_result(context, &bytes, &length, &part)) == BERTH_OK; index++) {
        if (part != BERTH_OK)
            return failure(host, context, BERTH_FAIL, "part %llu of %llu ended with code %d: %.*s; retry this run",
                           (unsigned long long)index, (unsigned long long)parts, part, (int)length, (const char *)bytes);
        host->progress(context, index + 1, parts, NULL, 0);
        status = add_lines(count, context, bytes, length);
        if (status == BERTH_OK) status = asked_to_stop(context);
        if (status != BERTH_OK) return status;
    }
    if (status == BERTH_NOT_FOUND) return BERTH_OK;
    return failure(host, context, BERTH_RETRY, "the results of the parts cannot be had: code %d", status);
}

/* ---- the end of every stage but the root ------------------------------------------------------------------------ */

static berth_status report(struct count *count, berth_context *context) {
    size_t words = 0, length = 0;
    char *text = NULL;
    const struct word **all = words_sorted(&count->words, &words);
    FILE *out = open_memstream(&text, &length);
    for (size_t i = 0; out && i < words; i++) {
        fprintf(out, "%llu ", (unsigned long long)all[i]->count);
        fwrite(all[i]->text, 1, all[i]->length, out);
        fputc('\n', out);
    }
    int wrote = out && fclose(out) == 0 && all;
    berth_status status = BERTH_RETRY;
    if (count->words.incomplete)
        status = failure(host, context, BERTH_FAIL, "more than a million different words: count fewer files");
    else if (wrote)
        status = host->emit(context, text, length, 0);
    free(text);
    free(all);
    return status;
}

/* ---- the life of an attempt ------------------------------------------------------------------------------------- */

static void destroy(void *self) {
    struct count *count = self;
    words_free(&count->words);
    files_free(&count->files);
    free(count->path);
    free(count);
}

static berth_status init(berth_context *context, const void *params, size_t length, void **self) {
    struct count *count = calloc(1, sizeof *count);
    if (!count) return BERTH_RETRY;
    json_value root;
    int64_t per_child = 50;
    json_parse(params, length, &root);
    json_integer(json_member(root, "files_per_part"), &per_child);
    count->list = json_member(root, "files");
    count->path = json_text(json_member(root, "path"));
    count->per_child = per_child > 0 ? (size_t)per_child : 1;
    if (count->list.kind == JSON_NONE && (!count->path || !count->path[0])) {
        destroy(count);
        return failure(host, context, BERTH_FAIL_PARAMS, "give the path of a file or folder: {\"path\": \"/etc\"}");
    }
    *self = count;
    return BERTH_OK;
}

static berth_status run(berth_context *context, void *self, const berth_input *input) {
    struct count *count = self;
    berth_status status;
    switch (input->stage) {
    case BERTH_STAGE_REDUCE: status = add_up(count, context, input->child_count); break;
    case BERTH_STAGE_CHILD: status = count_listed(count, context); break;
    default:
        status = count->path ? files_find(&count->files, context, count->path) : BERTH_FAIL_PARAMS;
        if (status == BERTH_OK && input->stage == BERTH_STAGE_ROOT && count->files.count) return share_out(count, context);
        if (status == BERTH_OK) status = count_found(count, context);
    }
    return status == BERTH_OK ? report(count, context) : status;
}

const berth_processor count_processor = {
    .struct_size = sizeof(berth_processor), .init = init, .run = run, .destroy = destroy};
