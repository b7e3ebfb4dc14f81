/* What a container prints: lines of the log, the beginning of stdout for the result, the end of stderr for a reason. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "berth_plugin.h"
#include "json.h"

#define LINE_BYTES 8192
#define KEPT_BYTES (1u << 20)
#define LAST_WORDS 1024

struct line {
    int32_t level;
    const char *stream;
    char text[LINE_BYTES];
    size_t length;
};

struct output {
    berth_context *context;
    struct line out, err;
    json_writer kept;
    uint64_t bytes; /* seen on stdout */
    char last[LAST_WORDS];
    size_t last_length;
};

void output_begin(struct output *output, berth_context *context);

/* `stream` is FRAMES_OUT or FRAMES_ERR; `user` is the output. */
void output_piece(void *user, int stream, const char *bytes, size_t length);

/* Logs last lines that had no newline. */
void output_end(struct output *output);
void output_free(struct output *output);

/* The end of stderr, without newlines at its end and not beginning inside a character. */
const char *output_last_words(const struct output *output, int *length);

#endif
