/* Reads the part of YAML that descriptions are written in, as JSON text: block maps and lists, flow maps and lists on one
 * or several lines, plain and quoted scalars on one line, comments. No anchors, tags, or several documents: they are
 * refused with their line. */
#ifndef YAML_H
#define YAML_H

#include "json.h"

/* 1 and JSON text in `out`; else 0, with what is wrong in `error` and its line in `*line`. */
int yaml_to_json(const char *text, json_writer *out, const char **error, int *line);

#endif
