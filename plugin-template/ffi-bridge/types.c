#include "types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} types[] = {
    {"void", 0}, {"i8", 1},  {"u8", 1},  {"i16", 2}, {"u16", 2}, {"i32", 4},
    {"u32", 4},  {"i64", 8}, {"u64", 8}, {"f32", 4}, {"f64", 8}, {"ptr", sizeof(void *)}, {"cstr", sizeof(void *)},
};

const char *type_name(type_code type) { return types[type].name; }
size_t type_size(type_code type) { return types[type].size; }
int type_is_integer(type_code type) { return type >= TYPE_I8 && type <= TYPE_U64; }
int type_is_signed(type_code type) {
    return type == TYPE_I8 || type == TYPE_I16 || type == TYPE_I32 || type == TYPE_I64;
}

static int fits_unsigned(json_value value, uint64_t most) {
    char digits[32], *end;
    if (value.length >= sizeof digits || value.text[0] == '-') return 0;
    memcpy(digits, value.text, value.length);
    digits[value.length] = 0;
    errno = 0;
    unsigned long long number = strtoull(digits, &end, 10);
    return !errno && !*end && number <= most;
}

int value_fits(type_code type, json_value value) {
    if (type == TYPE_CSTR) return value.kind == JSON_STRING || value.kind == JSON_NULL;
    if (type == TYPE_PTR) return value.kind == JSON_NULL;
    if (value.kind != JSON_NUMBER) return 0;
    if (!type_is_integer(type)) return 1;
    int bits = (int)type_size(type) * 8;
    if (!type_is_signed(type)) return fits_unsigned(value, UINT64_MAX >> (64 - bits));
    int64_t number, most = INT64_MAX >> (64 - bits);
    return json_integer(value, &number) && number <= most && number >= -most - 1;
}
