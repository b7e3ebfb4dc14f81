#include "line_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 65536

/* Moves what is left to the front and reads more behind it; 0 when there was no room or nothing more. */
static int fill(struct line_reader *reader) {
    if (reader->ended) return 0;
    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
        reader->end -= reader->start;
        reader->start = 0;
    }
    if (reader->capacity - reader->end < BLOCK) {
        if (reader->capacity >= LONGEST_LINE) return 0;
        size_t capacity = reader->capacity ? reader->capacity * 2 : 2 * BLOCK;
        char *grown = realloc(reader->buffer, capacity);
        if (!grown) return 0;
        reader->buffer = grown;
        reader->capacity = capacity;
    }
    ssize_t length = read(reader->file, reader->buffer + reader->end, BLOCK);
    if (length < 0) reader->error = errno;
    if (length <= 0) reader->ended = 1;
    else reader->end += (size_t)length;
    return length > 0;
}

int line_reader_is_text(struct line_reader *reader) {
    fill(reader);
    return reader->end == 0 || !memchr(reader->buffer, 0, reader->end);
}

static int hand_out(struct line_reader *reader, const char **line, size_t *length, size_t size, size_t newline) {
    *line = reader->buffer + reader->start;
    *length = size;
    reader->start += size + newline;
    reader->taken += size + newline;
    return 1;
}

int line_reader_next(struct line_reader *reader, const char **line, size_t *length) {
    size_t searched = 0;
    for (;;) {
        size_t left = reader->end - reader->start;
        const char *from = reader->buffer ? reader->buffer + reader->start : "";
        const char *newline = memchr(from + searched, '\n', left - searched);
        if (newline) return hand_out(reader, line, length, (size_t)(newline - from), 1);
        searched = left;
        if (!fill(reader)) return left ? hand_out(reader, line, length, left, 0) : 0;
    }
}

void line_reader_free(struct line_reader *reader) {
    free(reader->buffer);
    reader->buffer = NULL;
}
