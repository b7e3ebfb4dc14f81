#include "lines.h"
#include "program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void flush(struct lines *lines) {
    berth_field stream = {.key = "stream", .key_length = 6, .value = lines->stream, .value_length = 6};
    host->log(lines->context, lines->level, lines->line, lines->length, &stream, 1);
    lines->length = 0;
}

static void add(struct lines *lines, const char *bytes, size_t length) {
    for (const char *end = bytes + length; bytes < end;) {
        size_t room = LINE_BYTES - lines->length, left = (size_t)(end - bytes);
        size_t step = left < room ? left : room;
        const char *newline = memchr(bytes, '\n', step);
        if (newline) step = (size_t)(newline - bytes);
        memcpy(lines->line + lines->length, bytes, step);
        lines->length += step;
        bytes += step + (newline ? 1 : 0);
        if (newline || lines->length == LINE_BYTES) flush(lines);
    }
}

/* Keeps the first KEPT_BYTES for the result. */
static void keep(struct command *command, const char *bytes, size_t length) {
    size_t room = KEPT_BYTES - command->kept_length;
    size_t step = length < room ? length : room;
    char *grown = step ? realloc(command->kept, command->kept_length + step) : NULL;
    if (grown) {
        memcpy(grown + command->kept_length, bytes, step);
        command->kept = grown;
        command->kept_length += step;
    }
    if (!grown || step < length) command->kept_all = 0;
}

/* Keeps the last bytes for the reason of a failure. */
static void keep_last(struct command *command, const char *bytes, size_t length) {
    size_t fresh = length < LAST_WORDS ? length : LAST_WORDS;
    size_t old = command->last_words_length < LAST_WORDS - fresh ? command->last_words_length : LAST_WORDS - fresh;
    memmove(command->last_words, command->last_words + command->last_words_length - old, old);
    memcpy(command->last_words + old, bytes + length - fresh, fresh);
    command->last_words_length = old + fresh;
}

int lines_take(struct lines *lines, int descriptor) {
    char bytes[65536];
    ssize_t length = read(descriptor, bytes, sizeof bytes);
    if (length < 0) return errno == EAGAIN || errno == EINTR ? -1 : 0;
    if (length == 0) return 0;
    if (lines->level == BERTH_LOG_INFO) keep(lines->command, bytes, (size_t)length);
    else keep_last(lines->command, bytes, (size_t)length);
    atomic_fetch_add(&lines->command->bytes_seen, (unsigned long long)length);
    host->heartbeat(lines->context);
    add(lines, bytes, (size_t)length);
    return 1;
}

void lines_end(struct lines *lines) {
    if (lines->length) flush(lines);
}
