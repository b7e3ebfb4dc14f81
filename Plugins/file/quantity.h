/* Sizes and ages as people write them. */
#ifndef QUANTITY_H
#define QUANTITY_H

#include <stdint.h>

#define QUANTITY_BYTES 32

/* 1536 is "1.5 KB". */
void quantity_text(uint64_t bytes, char text[QUANTITY_BYTES]);

/* "10K", "100M", "1G", or bytes; "30m", "12h", "7d", in seconds. 0 when the text is neither. */
int quantity_size(const char *text, uint64_t *bytes);
int quantity_age(const char *text, int64_t *seconds);

#endif
