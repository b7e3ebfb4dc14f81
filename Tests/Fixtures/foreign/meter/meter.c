#include "meter.h"

#include <string.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

SHOWN int meter_measure(meter_box *box, enum meter_mode mode) {
    if (box->width < 0) return -1;
    double factor = box->unit == 1 ? 0.001 : 1;
    box->volume = box->width * factor * box->height * factor * (double)box->depth * factor;
    if (mode == METER_ROUGH) box->volume = (double)(long)(box->volume + 0.5);
    box->faces = box->label && strcmp(box->label, "box") == 0 ? 6 : 0;
    return 0;
}

SHOWN int meter_walk(uint32_t steps, int (*tell)(void *user, uint64_t done, uint64_t total), void *user) {
    for (uint32_t done = 1; done <= steps; done++) {
        if (tell(user, done, steps) != 0) return -1;
        if (steps > 1000) usleep(1000);
    }
    return 0;
}

SHOWN uint32_t meter_words(const char *text, void (*say)(const char *word)) {
    char word[64];
    uint32_t count = 0;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (length > 0 && length < sizeof word) {
            memcpy(word, text, length);
            word[length] = 0;
            say(word);
            count++;
        }
        text += length + (text[length] == ' ');
    }
    return count;
}

SHOWN int8_t meter_least(int8_t a, int8_t b) { return a < b ? a : b; }
SHOWN uint64_t meter_most(uint64_t a, uint64_t b) { return a > b ? a : b; }
SHOWN void meter_overrun(char *buffer, size_t room) { memset(buffer, 'x', room + 1); }
SHOWN int meter_fill(char *out, uint64_t *length, uint64_t needed, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
    *a = *b = *c = *d = 1;
    if (*length < needed) return -5;
    memcpy(out, "full", *length = 4);
    return 0;
}

SHOWN int meter_format(const char *format, ...) { return (int)strlen(format); }
