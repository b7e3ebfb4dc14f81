/* The handler `wordcount`: lines, words and bytes as `wc` counts them in C.UTF-8, and the most frequent words. */
#include "failure.h"
#include "files.h"
#include "json.h"
#include "text.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOP 10

struct tally {
    uint64_t lines, words, bytes, files;
    struct words frequency;
    int in_word;           /* of wc's kind, which ends only at space */
    uint32_t scalar;       /* the character under way: what is known of it, */
    uint32_t least;        /* the smallest one of its length, */
    unsigned char awaited; /* and how many bytes are still to come */
};

/* Space that separates words, no-break spaces included, as GNU wc has it. */
static int is_space(uint32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x202F || c == 0x205F || c == 0x2060 || c == 0x3000;
}

/* Characters that neither start a word nor end one. */
static int is_invisible(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || (c & 0xFFFE) == 0xFFFE;
}

static void count_character(struct tally *tally, uint32_t c) {
    if (is_space(c)) {
        tally->words += (uint64_t)tally->in_word;
        tally->in_word = 0;
    } else if (!is_invisible(c)) {
        tally->in_word = 1;
    }
}

/* The first byte of a character. Bytes that begin none are passed over, as wc does. */
static void begin_character(struct tally *tally, unsigned char byte) {
    if (byte < 0x80) {
        count_character(tally, byte);
    } else if (byte >= 0xC2 && byte <= 0xF4) {
        tally->awaited = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        tally->scalar = byte & (0x3Fu >> tally->awaited);
        tally->least = tally->awaited == 1 ? 0x80 : tally->awaited == 2 ? 0x800 : 0x10000;
    }
}

static void count_byte(struct tally *tally, unsigned char byte) {
    tally->lines += byte == '\n';
    if (!tally->awaited) {
        begin_character(tally, byte);
    } else if ((byte & 0xC0) != 0x80) {
        tally->awaited = 0;
        begin_character(tally, byte);
    } else {
        tally->scalar = tally->scalar << 6 | (byte & 0x3F);
        int valid = tally->scalar >= tally->least && tally->scalar <= 0x10FFFF &&
                    !(tally->scalar >= 0xD800 && tally->scalar <= 0xDFFF);
        if (--tally->awaited == 0 && valid) count_character(tally, tally->scalar);
    }
}

static void count_block(struct tally *tally, const unsigned char *block, size_t length) {
    for (size_t i = 0; i < length; i++) {
        count_byte(tally, block[i]);
        words_add_byte(&tally->frequency, block[i]);
    }
    tally->bytes += length;
}

static void end_file(struct tally *tally) {
    tally->words += (uint64_t)tally->in_word;
    tally->in_word = 0;
    tally->awaited = 0;
    words_end(&tally->frequency);
    tally->files++;
}

/* -1 and errno when it cannot be read, else 1, or 0 when the attempt was asked to stop. */
static int count_file(struct tally *tally, berth_context *context, const char *path, uint64_t total) {
    static unsigned char block[65536]; /* one attempt at a time */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return -1;
    ssize_t length;
    int stopped = 0;
    while (!stopped && (length = read(file, block, sizeof block)) > 0) {
        count_block(tally, block, (size_t)length);
        host->progress(context, tally->bytes, total, path, strlen(path));
        stopped = asked_to_stop(context) != BERTH_OK;
    }
    int error = errno;
    close(file);
    end_file(tally);
    errno = error;
    return stopped ? 0 : length < 0 ? -1 : 1;
}

static void put_number(json_writer *out, const char *before, uint64_t number) {
    json_put_raw(out, before);
    json_put_unsigned(out, number);
}

static berth_status report(const struct tally *tally, const struct files *files, berth_context *context) {
    const struct word *top[TOP];
    size_t found = words_top(&tally->frequency, top, TOP);
    json_writer out = {0};
    put_number(&out, "{\"lines\":", tally->lines);
    put_number(&out, ",\"words\":", tally->words);
    put_number(&out, ",\"bytes\":", tally->bytes);
    put_number(&out, ",\"files\":", tally->files);
    put_number(&out, ",\"passed_over\":", files->passed_over);
    json_put_raw(&out, ",\"top\":[");
    for (size_t i = 0; i < found; i++) {
        json_put_raw(&out, i ? ",{\"word\":" : "{\"word\":");
        json_put_string(&out, top[i]->text, top[i]->length);
        put_number(&out, ",\"count\":", top[i]->count);
        json_put_raw(&out, "}");
    }
    json_put_raw(&out, "]}");
    berth_status status = out.failed ? BERTH_RETRY : host->emit(context, out.bytes, out.length, 0);
    json_writer_free(&out);
    return status;
}

/* A file that cannot be read is passed over, unless it is the one that was asked for. */
static berth_status count_all(struct files *files, berth_context *context, const char *asked_for) {
    struct tally tally = {0};
    berth_status status = BERTH_OK;
    for (size_t i = 0; i < files->count && status == BERTH_OK; i++) {
        const char *path = files->list[i].path;
        host->breadcrumb(context, path, strlen(path));
        int counted = count_file(&tally, context, path, files->bytes);
        if (counted < 0 && strcmp(path, asked_for) == 0) status = cannot_read(context, path, errno);
        else if (counted < 0) files_pass_over(files, context, path, errno);
        if (status == BERTH_OK) status = asked_to_stop(context);
    }
    if (tally.frequency.incomplete) {
        static const char text[] = "more than a million different words: the most frequent may be incomplete";
        host->log(context, BERTH_LOG_WARNING, text, sizeof text - 1, NULL, 0);
    }
    if (status == BERTH_OK) status = report(&tally, files, context);
    words_free(&tally.frequency);
    return status;
}

static berth_status wordcount(berth_context *context, const void *params, size_t length) {
    json_value root;
    json_parse(params, length, &root);
    char *path = json_text(json_member(root, "path"));
    if (!path || !path[0]) {
        free(path);
        return failure(host, context, BERTH_FAIL_PARAMS, "give the path of a file or folder: {\"path\": \"/etc/motd\"}");
    }
    struct files files = {0};
    berth_status status = files_find(&files, context, path);
    if (status == BERTH_OK) status = count_all(&files, context, path);
    files_free(&files);
    free(path);
    return status;
}

const berth_handler wordcount_handler = {.struct_size = sizeof(berth_handler), .execute = wordcount};
