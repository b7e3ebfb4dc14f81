/* The processor `grep`: lines that match a regular expression, in a file or in everything below a folder. */
#include "failure.h"
#include "files.h"
#include "json.h"
#include "line_reader.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHOWN_BYTES 512 /* of a matching line */

struct grep {
    regex_t pattern;
    char *path;
    uint64_t most; /* matches that are listed; further ones are counted */
    _Atomic int32_t stop_reason;

    json_writer out;
    uint64_t matches, files, matching_files, bytes;
};

static berth_status read_params(struct grep *grep, berth_context *context, json_value root) {
    char *pattern = json_text(json_member(root, "pattern"));
    grep->path = json_text(json_member(root, "path"));
    int ignore_case = 0;
    int64_t most = 10000;
    json_bool(json_member(root, "ignore_case"), &ignore_case);
    json_integer(json_member(root, "max_matches"), &most);
    grep->most = most < 0 ? 0 : (uint64_t)most;
    if (!pattern || !grep->path || !grep->path[0]) {
        free(pattern);
        return failure(host, context, BERTH_FAIL_PARAMS,
                       "give a pattern and the path of a file or folder: {\"pattern\": \"colou?r\", \"path\": \"/etc\"}");
    }
    int fault = regcomp(&grep->pattern, pattern, REG_EXTENDED | (ignore_case ? REG_ICASE : 0));
    free(pattern);
    if (!fault) return BERTH_OK;
    char text[256];
    regerror(fault, &grep->pattern, text, sizeof text);
    return failure(host, context, BERTH_FAIL_PARAMS, "the pattern is not an extended regular expression: %s", text);
}

static berth_status init(berth_context *context, const void *params, size_t length, void **self) {
    struct grep *grep = calloc(1, sizeof *grep);
    if (!grep) return BERTH_RETRY;
    json_value root;
    json_parse(params, length, &root);
    berth_status status = read_params(grep, context, root);
    if (status == BERTH_OK) {
        *self = grep;
        return BERTH_OK;
    }
    free(grep->path);
    free(grep);
    return status;
}

static void list_match(struct grep *grep, const char *path, uint64_t number, const char *line, size_t length) {
    json_put_raw(&grep->out, grep->matches ? ",{\"file\":" : "{\"file\":");
    json_put_string(&grep->out, path, strlen(path));
    json_put_raw(&grep->out, ",\"line\":");
    json_put_unsigned(&grep->out, number);
    json_put_raw(&grep->out, ",\"text\":");
    json_put_string(&grep->out, line, length < SHOWN_BYTES ? length : SHOWN_BYTES);
    json_put_raw(&grep->out, "}");
}

static berth_status ended(const struct grep *grep, berth_context *context) {
    int32_t reason = atomic_load(&grep->stop_reason);
    if (reason) return reason == BERTH_STOP_TIMEOUT ? BERTH_TIMED_OUT : BERTH_CANCELLED;
    return asked_to_stop(context);
}

static berth_status search_lines(struct grep *grep, berth_context *context, const char *path, struct line_reader *reader) {
    const char *line;
    size_t length;
    uint64_t before = grep->matches;
    berth_status status = BERTH_OK;
    for (uint64_t number = 1; status == BERTH_OK && line_reader_next(reader, &line, &length); number++) {
        regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)length};
        if (regexec(&grep->pattern, line, 1, &range, REG_STARTEND) == 0) {
            if (grep->matches < grep->most) list_match(grep, path, number, line, length);
            grep->matches++;
        }
        if (number % 64 == 0) status = ended(grep, context);
    }
    grep->bytes += reader->taken;
    grep->matching_files += grep->matches > before;
    return status;
}

/* A file that cannot be read is passed over, unless it is all there is. */
static berth_status search_file(struct grep *grep, berth_context *context, struct files *files, const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0 && strcmp(path, grep->path) == 0) return cannot_read(context, path, errno);
    if (file < 0) {
        files_pass_over(files, context, path, errno);
        return BERTH_OK;
    }
    struct line_reader reader = {.file = file};
    berth_status status = line_reader_is_text(&reader) ? search_lines(grep, context, path, &reader) : BERTH_OK;
    if (reader.error) files_pass_over(files, context, path, reader.error);
    line_reader_free(&reader);
    close(file);
    grep->files++;
    return status;
}

static berth_status search_all(struct grep *grep, berth_context *context, struct files *files) {
    berth_status status = BERTH_OK;
    for (size_t i = 0; i < files->count && status == BERTH_OK; i++) {
        const char *path = files->list[i].path;
        host->breadcrumb(context, path, strlen(path));
        status = search_file(grep, context, files, path);
        host->progress(context, i + 1, files->count, path, strlen(path));
        if (status == BERTH_OK) status = ended(grep, context);
    }
    return status;
}

static void put_number(json_writer *out, const char *before, uint64_t number) {
    json_put_raw(out, before);
    json_put_unsigned(out, number);
}

static berth_status report(struct grep *grep, berth_context *context, const struct files *files) {
    put_number(&grep->out, "],\"count\":", grep->matches);
    put_number(&grep->out, ",\"files\":", grep->files);
    put_number(&grep->out, ",\"matching_files\":", grep->matching_files);
    put_number(&grep->out, ",\"passed_over\":", files->passed_over);
    json_put_raw(&grep->out, grep->matches > grep->most ? ",\"truncated\":true}" : ",\"truncated\":false}");
    if (grep->out.failed) return BERTH_RETRY;
    if (host->emit(context, grep->out.bytes, grep->out.length, 0) == BERTH_OK) return BERTH_OK;
    return failure(host, context, BERTH_FAIL, "the matches are larger than the output limit: lower max_matches");
}

static berth_status run(berth_context *context, void *self, const berth_input *input) {
    struct grep *grep = self;
    (void)input;
    struct files files = {0};
    json_put_raw(&grep->out, "{\"matches\":[");
    berth_status status = files_find(&files, context, grep->path);
    if (status == BERTH_OK) status = search_all(grep, context, &files);
    if (status == BERTH_OK) status = report(grep, context, &files);
    files_free(&files);
    return status;
}

static void stop(void *self, int32_t reason) {
    struct grep *grep = self;
    atomic_store(&grep->stop_reason, reason ? reason : BERTH_STOP_CANCEL);
}

static void destroy(void *self) {
    struct grep *grep = self;
    regfree(&grep->pattern);
    json_writer_free(&grep->out);
    free(grep->path);
    free(grep);
}

const berth_processor grep_processor = {
    .struct_size = sizeof(berth_processor), .init = init, .run = run, .stop = stop, .destroy = destroy};
