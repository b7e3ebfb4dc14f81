/* What an exchange means for the run: done, to be tried again, when, or failed for good. */
#ifndef VERDICT_H
#define VERDICT_H

#include "exchange.h"

/* The code to return, explained with set_error unless it is BERTH_OK. */
berth_status verdict_of(const struct request *request, const struct response *response, const struct exchange *exchange);

#endif
