/* The types that a description can name. */
#ifndef TYPES_H
#define TYPES_H

#include "json.h"

typedef enum type_code {
    TYPE_VOID,
    TYPE_I8,
    TYPE_U8,
    TYPE_I16,
    TYPE_U16,
    TYPE_I32,
    TYPE_U32,
    TYPE_I64,
    TYPE_U64,
    TYPE_F32,
    TYPE_F64,
    TYPE_PTR,
    TYPE_CSTR,
} type_code;

/* Name in plugin.yaml, and bytes. */
const char *type_name(type_code type);
size_t type_size(type_code type);
int type_is_integer(type_code type);
int type_is_signed(type_code type);

/* Can the JSON value be this type without loss? A ptr is null, a cstr a text or null. */
int value_fits(type_code type, json_value value);

#endif
