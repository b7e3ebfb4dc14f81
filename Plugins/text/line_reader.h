/* A file, line by line. */
#ifndef LINE_READER_H
#define LINE_READER_H

#include <stddef.h>
#include <stdint.h>

#define LONGEST_LINE (1u << 20) /* longer ones come in pieces */

struct line_reader {
    int file;
    int error; /* errno of a failed read, which ends the file */
    int ended;
    char *buffer;
    size_t capacity, start, end; /* what was read and not handed out stands between the last two */
    uint64_t taken;              /* bytes handed out */
};

/* Reads the first block: is there no NUL in it? */
int line_reader_is_text(struct line_reader *reader);

/* The next line without its newline, borrowed until the next call; 0 at the end. */
int line_reader_next(struct line_reader *reader, const char **line, size_t *length);
void line_reader_free(struct line_reader *reader);

#endif
