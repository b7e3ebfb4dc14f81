/* The JSON Schema of a component's params, made of its arguments. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "reading.h"

const char *schema_of(reading *r, const component *it);

#endif
