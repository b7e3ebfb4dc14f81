#include "words.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash(const char *text, size_t length) {
    uint64_t value = 0xcbf29ce484222325;
    for (size_t i = 0; i < length; i++) value = (value ^ (unsigned char)text[i]) * 0x100000001b3;
    return value ^ value >> 32;
}

/* The slot of that word, or the free one where it belongs. */
static struct word *slot_of(const struct words *words, const char *text, size_t length) {
    size_t at = hash(text, length) & (words->capacity - 1);
    for (;; at = (at + 1) & (words->capacity - 1)) {
        struct word *slot = &words->slots[at];
        if (!slot->text || (slot->length == length && memcmp(slot->text, text, length) == 0)) return slot;
    }
}

/* At most half of the slots are ever used. */
static int make_room(struct words *words) {
    if (words->used * 2 < words->capacity) return 1;
    if (words->used >= MOST_WORDS) return 0;
    struct words bigger = {.capacity = words->capacity ? words->capacity * 2 : 1024};
    bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
    if (!bigger.slots) return 0;
    for (size_t i = 0; i < words->capacity; i++)
        if (words->slots[i].text) *slot_of(&bigger, words->slots[i].text, words->slots[i].length) = words->slots[i];
    free(words->slots);
    words->slots = bigger.slots;
    words->capacity = bigger.capacity;
    return 1;
}

void words_add(struct words *words, const char *text, size_t length, uint64_t times) {
    if (!make_room(words)) {
        words->incomplete = 1;
        if (!words->capacity) return;
    }
    struct word *slot = slot_of(words, text, length);
    if (!slot->text) {
        if (words->incomplete || !(slot->text = malloc(length))) {
            words->incomplete = 1;
            return;
        }
        memcpy(slot->text, text, length);
        slot->length = length;
        words->used++;
    }
    slot->count += times;
}

void words_end(struct words *words) {
    if (words->current_length > 0 && words->current_length <= WORD_BYTES)
        words_add(words, words->current, words->current_length, 1);
    words->current_length = 0;
}

void words_add_byte(struct words *words, unsigned char byte) {
    if (byte >= 'A' && byte <= 'Z') byte += 'a' - 'A';
    if (byte < 0x80 && !(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9')) {
        words_end(words);
        return;
    }
    if (words->current_length < WORD_BYTES) words->current[words->current_length++] = (char)byte;
    else words->current_length = WORD_BYTES + 1;
}

static int by_bytes(const struct word *a, const struct word *b) {
    int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare(const void *a, const void *b) { return by_bytes(*(struct word *const *)a, *(struct word *const *)b); }

const struct word **words_sorted(const struct words *words, size_t *count) {
    const struct word **list = malloc((words->used + 1) * sizeof *list);
    *count = 0;
    if (!list) return NULL;
    for (size_t i = 0; i < words->capacity; i++)
        if (words->slots[i].text) list[(*count)++] = &words->slots[i];
    qsort(list, *count, sizeof *list, compare);
    return list;
}

static int comes_first(const struct word *a, const struct word *b) {
    if (a->count != b->count) return a->count > b->count;
    return by_bytes(a, b) < 0;
}

size_t words_top(const struct words *words, const struct word **top, size_t most) {
    size_t found = 0;
    for (size_t i = 0; i < words->capacity; i++) {
        const struct word *word = &words->slots[i];
        if (!word->text || (found == most && !comes_first(word, top[most - 1]))) continue;
        size_t at = found < most ? found++ : most - 1;
        for (; at > 0 && comes_first(word, top[at - 1]); at--) top[at] = top[at - 1];
        top[at] = word;
    }
    return found;
}

void words_free(struct words *words) {
    for (size_t i = 0; i < words->capacity; i++) free(words->slots[i].text);
    free(words->slots);
    *words = (struct words){0};
}
