/* Who we say we are, and whom we believe: passwords, tokens, certificates. Values come from the params, or from the secrets
 * that the operator gave this plugin. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "request.h"

/* Reads `auth`, `secret_headers` and `tls`; null, or what is wrong with them. */
const char *credentials_read(struct request *request, json_value root);

/* Adds a header, with credentials for the first server alone; null, or what is wrong with it. */
const char *credentials_header(struct request *request, const char *name, const char *value);

#endif
