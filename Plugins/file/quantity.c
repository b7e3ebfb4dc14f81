#include "quantity.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void quantity_text(uint64_t bytes, char text[QUANTITY_BYTES]) {
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes;
    int unit = 0;
    while (value >= 1024 && unit < 6) value /= 1024, unit++;
    if (unit == 0) snprintf(text, QUANTITY_BYTES, "%llu B", (unsigned long long)bytes);
    else snprintf(text, QUANTITY_BYTES, "%.1f %s", value, units[unit]);
}

/* A whole number, and the letter behind it (0: none); 0 when there is more or less. */
static int split(const char *text, uint64_t *number, char *unit) {
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*text)) return 0;
    *number = strtoull(text, &end, 10);
    *unit = *end;
    return errno == 0 && (!*end || !end[1]);
}

int quantity_size(const char *text, uint64_t *bytes) {
    static const char units[] = "KMGT";
    uint64_t number;
    char unit;
    if (!split(text, &number, &unit)) return 0;
    const char *found = unit ? strchr(units, toupper((unsigned char)unit)) : units;
    if (!found) return 0;
    int shift = unit ? 10 * (int)(found - units + 1) : 0;
    *bytes = number << shift;
    return *bytes >> shift == number;
}

int quantity_age(const char *text, int64_t *seconds) {
    uint64_t number;
    char unit;
    if (!split(text, &number, &unit) || number > 1000000) return 0;
    int64_t each = unit == 'd' ? 86400 : unit == 'h' ? 3600 : unit == 'm' ? 60 : unit == 's' ? 1 : 0;
    *seconds = (int64_t)number * each;
    return each != 0;
}
