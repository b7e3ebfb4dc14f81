/* A library that knows nothing of Berth: callbacks, structs by pointer, every width of number. */
#ifndef METER_H
#define METER_H

#include <stddef.h>
#include <stdint.h>

typedef struct meter_box {
    int8_t unit; /* 1: millimetres, 2: metres */
    double width, height;
    float depth;
    const char *label;
    double volume; /* set */
    uint16_t faces; /* set */
} meter_box;

enum meter_mode { METER_EXACT, METER_ROUGH };

/* 0, or -1 when the width is negative. */
int meter_measure(meter_box *box, enum meter_mode mode);

/* Calls `tell` after each step; stops with -1 when that answers other than 0. */
int meter_walk(uint32_t steps, int (*tell)(void *user, uint64_t done, uint64_t total), void *user);

/* Calls `say` with each word. Answers how many there were. */
uint32_t meter_words(const char *text, void (*say)(const char *word));

int8_t meter_least(int8_t a, int8_t b);
uint64_t meter_most(uint64_t a, uint64_t b);

/* Needs room for that many bytes, and writes few; -5 when there is less. Sets the other numbers to 1. */
int meter_fill(char *out, uint64_t *length, uint64_t needed, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d);

/* Writes one byte more than there is room. */
void meter_overrun(char *buffer, size_t room);

int meter_format(const char *format, ...);

#endif
