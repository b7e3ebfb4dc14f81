#include "output.h"
#include "frames.h"

#include <stdlib.h>
#include <string.h>

extern const berth_host *host;

void output_begin(struct output *output, berth_context *context) {
    memset(output, 0, sizeof *output);
    output->context = context;
    output->out.level = BERTH_LOG_INFO, output->out.stream = "stdout";
    output->err.level = BERTH_LOG_WARNING, output->err.stream = "stderr";
}

static void flush(struct output *output, struct line *line) {
    berth_field stream = {.key = "stream", .key_length = 6, .value = line->stream, .value_length = 6};
    host->log(output->context, line->level, line->text, line->length, &stream, 1);
    line->length = 0;
}

static void add(struct output *output, struct line *line, const char *bytes, size_t length) {
    for (const char *end = bytes + length; bytes < end;) {
        size_t room = LINE_BYTES - line->length, left = (size_t)(end - bytes), step = left < room ? left : room;
        const char *newline = memchr(bytes, '\n', step);
        if (newline) step = (size_t)(newline - bytes);
        memcpy(line->text + line->length, bytes, step);
        line->length += step;
        bytes += step + (newline ? 1 : 0);
        if (newline || line->length == LINE_BYTES) flush(output, line);
    }
}

static void keep(struct output *output, const char *bytes, size_t length) {
    size_t room = KEPT_BYTES - output->kept.length, step = length < room ? length : room;
    output->bytes += length;
    char *grown = step ? realloc(output->kept.bytes, output->kept.length + step) : NULL;
    if (!grown) return;
    memcpy(grown + output->kept.length, bytes, step);
    output->kept.bytes = grown;
    output->kept.length += step;
}

static void keep_last(struct output *output, const char *bytes, size_t length) {
    size_t fresh = length < LAST_WORDS ? length : LAST_WORDS, room = LAST_WORDS - fresh;
    size_t old = output->last_length < room ? output->last_length : room;
    memmove(output->last, output->last + output->last_length - old, old);
    memcpy(output->last + old, bytes + length - fresh, fresh);
    output->last_length = old + fresh;
}

void output_piece(void *user, int stream, const char *bytes, size_t length) {
    struct output *output = user;
    if (stream == FRAMES_ERR) keep_last(output, bytes, length);
    else keep(output, bytes, length);
    host->heartbeat(output->context);
    add(output, stream == FRAMES_ERR ? &output->err : &output->out, bytes, length);
}

void output_end(struct output *output) {
    if (output->out.length) flush(output, &output->out);
    if (output->err.length) flush(output, &output->err);
}

void output_free(struct output *output) { json_writer_free(&output->kept); }

const char *output_last_words(const struct output *output, int *length) {
    const char *words = output->last;
    *length = (int)output->last_length;
    if (output->last_length == LAST_WORDS)
        while (*length && (*words & 0xC0) == 0x80) words++, --*length;
    while (*length && words[*length - 1] == '\n') --*length;
    return words;
}
