/* Counts how often each word occurs. */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <stdint.h>

#define WORD_BYTES 64          /* longer words are no words */
#define MOST_WORDS (1u << 20)  /* different ones; further ones are not counted */

struct word {
    char *text;
    size_t length;
    uint64_t count;
};

struct words {
    struct word *slots; /* open addressing */
    size_t capacity, used;
    int incomplete; /* a word was left out: there were too many, or memory ran short */
    char current[WORD_BYTES];
    size_t current_length; /* more than WORD_BYTES: too long */
};

/* A byte of the text. A word is a run of letters and digits; bytes beyond ASCII count as letters, and ASCII letters as
 * small ones. */
void words_add_byte(struct words *words, unsigned char byte);

/* Ends the word under way. */
void words_end(struct words *words);

/* Counts a word that is known to be one `times` times more. */
void words_add(struct words *words, const char *text, size_t length, uint64_t times);

/* All of them in the order of their bytes, to be freed by the caller; null when memory runs short. */
const struct word **words_sorted(const struct words *words, size_t *count);

/* The `most` most frequent ones, more frequent first, then by the alphabet; returns how many. */
size_t words_top(const struct words *words, const struct word **top, size_t most);
void words_free(struct words *words);

#endif
